using KdMtlBench.Host.Options;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training.Distillation;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Sweeps.Checks;

/// <summary>The benchmarks of a sweep with their data, which all runs share, and all choices of tasks and of hidden labels.</summary>
internal sealed class LoadedBenchmarks : IDisposable
{
    private static readonly string[] _views = [.. OptionsBinder.Describe(typeof(BenchmarkHostOptions)).Select(option => option.Name)];
    private readonly Dictionary<string, BenchmarkData> _whole = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (IBenchmark Benchmark, BenchmarkData Data)> _loaded = new(StringComparer.Ordinal);

    public void Load(Sweep sweep, DataContext context, ISweepObserver observer)
    {
        foreach (var component in sweep.Runs.Select(run => run.Benchmark).DistinctBy(benchmark => benchmark.Label))
        {
            using var scope = NewDisposeScope();
            var key = WholeKey(component);
            if (!_whole.TryGetValue(key, out var data))
            {
                var whole = component with { BenchmarkHostOptions = new BenchmarkHostOptions() };
                observer.Message($"loading {component.Label}");
                _whole.Add(key, data = Trial.Load(whole, whole.CreateBenchmark(), context with { Report = observer.Message }));
            }

            var benchmark = component.CreateBenchmark();
            _loaded.Add(component.Label, (benchmark, benchmark is BenchmarkView view ? view.Of(data, context.Device) : data));
        }
    }

    public (IBenchmark Benchmark, BenchmarkData Data) Of(RunSpec run) => _loaded[run.Benchmark.Label];

    /// <summary>The single-task runs whose networks a run learns from; none where its strategies do not ask for teachers.</summary>
    public IReadOnlyList<RunSpec> TeachersOf(RunSpec run) => Teachers.NeededBy(run) ? Teachers.RunsFor(run, Of(run).Benchmark) : [];

    /// <summary>What data follow from: the benchmark and its own options, whatever the view of them.</summary>
    private static string WholeKey(Component component) => string.Join('\n',
        component.Settings.Where(setting => !_views.Contains(setting.Key)).Select(setting => $"{setting.Key}={setting.Value}").Prepend(component.Entry.Type.FullName));

    public void Dispose()
    {
        foreach (var data in _whole.Values)
            data.Dispose();
    }
}
