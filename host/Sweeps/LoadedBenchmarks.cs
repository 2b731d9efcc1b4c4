using KdMtlBench.Host.Plugins;
using KdMtlBench.Host.Training;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Sweeps;

/// <summary>The benchmarks of a sweep with their data, which all runs share.</summary>
internal sealed class LoadedBenchmarks : IDisposable
{
    private readonly Dictionary<string, (IBenchmark Benchmark, BenchmarkData Data)> _loaded = new(StringComparer.Ordinal);

    public void Load(Sweep sweep, DataContext context, ISweepObserver observer)
    {
        foreach (var component in sweep.Runs.Select(run => run.Benchmark).DistinctBy(benchmark => benchmark.Label))
        {
            observer.Message($"loading {component.Label}");
            var benchmark = component.CreateBenchmark();
            using var scope = NewDisposeScope();
            _loaded.Add(component.Label, (benchmark, Trial.Load(component, benchmark, context with { Report = observer.Message })));
        }
    }

    public (IBenchmark Benchmark, BenchmarkData Data) Of(RunSpec run) => _loaded[run.Benchmark.Label];

    /// <summary>The single-task runs whose networks a run learns from; none where its strategies do not ask for teachers.</summary>
    public IReadOnlyList<RunSpec> TeachersOf(RunSpec run) => Teachers.NeededBy(run) ? Teachers.RunsFor(run, Of(run).Benchmark) : [];

    public void Dispose()
    {
        foreach (var (_, data) in _loaded.Values)
            data.Dispose();
    }
}
