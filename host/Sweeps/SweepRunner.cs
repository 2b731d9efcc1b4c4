using System.Collections.Concurrent;
using KdMtlBench.Contracts;
using KdMtlBench.Host.Benchmarks;
using KdMtlBench.Host.Models;
using KdMtlBench.Host.Results;
using KdMtlBench.Host.Training;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Sweeps;

/// <summary>How a sweep is run; nothing here changes a result.</summary>
/// <param name="DataRoot">Folder of data sets, or null.</param>
/// <param name="Device">Where networks and data are.</param>
/// <param name="Parallel">Runs at once.</param>
/// <param name="Fresh">Run again what is finished already.</param>
public sealed record SweepSettings(string? DataRoot, Device Device, int Parallel, bool Fresh);

/// <summary>Told what happens in a sweep; called from several threads, one call at a time.</summary>
public interface ISweepObserver
{
    /// <summary>Before the first run.</summary>
    /// <param name="pending">To be run, in order.</param>
    /// <param name="kept">Finished earlier with the same settings and code.</param>
    void Started(IReadOnlyList<RunSpec> pending, IReadOnlyList<RunRecord> kept);

    void RunStarted(RunSpec run);

    void EpochDone(RunSpec run, EpochRecord epoch);

    void RunFinished(RunSpec run, RunRecord record);

    void Message(string text);
}

/// <summary>What a sweep left.</summary>
/// <param name="Records">Of every run that has one, kept and new.</param>
/// <param name="Interrupted">Ctrl-C came before the end.</param>
public sealed record SweepOutcome(IReadOnlyList<RunRecord> Records, bool Interrupted)
{
    /// <summary>0 done, 1 some runs failed, 130 interrupted.</summary>
    public int ExitCode => Interrupted ? 130 : Records.Any(record => record.Status == RunStatus.Failed) ? 1 : 0;
}

/// <summary>Runs what a sweep asks for and is not there yet.</summary>
public sealed class SweepRunner(SweepSettings settings)
{
    /// <summary>Checks everything that can be checked, loads the data, then makes the runs.</summary>
    /// <exception cref="InputException">Nothing has been started.</exception>
    public SweepOutcome Run(Sweep sweep, ISweepObserver observer, CancellationToken cancellation)
    {
        CheckStrategies(sweep);
        CheckModels(sweep);
        var benchmarks = LoadBenchmarks(sweep, observer, cancellation);
        try
        {
            var store = new RunStore(sweep.Folder);
            MoveSuperseded(sweep, store, observer);
            var kept = settings.Fresh ? [] : Kept(sweep, store, benchmarks);
            var pending = sweep.Runs.Where(run => kept.All(record => record.Id != run.Id)).ToList();
            observer.Started(pending, kept);
            var (made, interrupted) = Execute(pending, store, benchmarks, observer, cancellation);
            var order = sweep.Runs.Select((run, i) => (run.Id, i)).ToDictionary(pair => pair.Id, pair => pair.i, StringComparer.Ordinal);
            return new SweepOutcome([.. kept.Concat(made).OrderBy(record => order[record.Id])], interrupted);
        }
        finally
        {
            foreach (var (_, data) in benchmarks.Values)
                data.Dispose();
        }
    }

    private (IReadOnlyCollection<RunRecord> Made, bool Interrupted) Execute(
        IReadOnlyList<RunSpec> pending,
        RunStore store,
        Dictionary<string, (IBenchmark Benchmark, BenchmarkData Data)> benchmarks,
        ISweepObserver observer,
        CancellationToken cancellation)
    {
        var queue = new ConcurrentQueue<RunSpec>(pending);
        var made = new ConcurrentBag<RunRecord>();
        var executor = new RunExecutor(store, settings.Device, settings.Parallel);
        var telling = new Lock();

        // Threads of their own, since libtorch's thread count belongs to the thread that asks for it.
        var workers = Enumerable.Range(0, settings.Parallel).Select(i => new Thread(Work) { Name = $"run-{i}", IsBackground = true }).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
        return (made, made.Count < pending.Count);

        void Work()
        {
            while (!cancellation.IsCancellationRequested && queue.TryDequeue(out var run))
            {
                Tell(() => observer.RunStarted(run));
                try
                {
                    var (benchmark, data) = benchmarks[run.Benchmark.Label];
                    var record = executor.Execute(run, benchmark, data, epoch => Tell(() => observer.EpochDone(run, epoch)), cancellation);
                    store.MarkMadeHere(run.Id);
                    made.Add(record);
                    Tell(() => observer.RunFinished(run, record));
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }

        void Tell(Action message)
        {
            lock (telling)
                message();
        }
    }

    /// <summary>Finished in this checkout, with the same settings, code, data and device.</summary>
    private List<RunRecord> Kept(Sweep sweep, RunStore store, Dictionary<string, (IBenchmark Benchmark, BenchmarkData Data)> benchmarks)
    {
        var records = store.ReadAll().Records.ToDictionary(record => record.Id, StringComparer.Ordinal);
        return [.. from run in sweep.Runs
                   where records.ContainsKey(run.Id) && store.WasMadeHere(run.Id)
                   let record = records[run.Id]
                   where record.Status == RunStatus.Done && record.SpecSha256 == run.Sha256
                   let now = Provenance.Of(run, benchmarks[run.Benchmark.Label].Data.Sha256, settings.Device, settings.Parallel)
                   where now.Where(fact => DeterminesResult(fact.Key)).All(fact => record.Provenance.GetValueOrDefault(fact.Key) == fact.Value)
                   select record];
    }

    private static bool DeterminesResult(string fact) =>
        fact.Contains("sha256", StringComparison.Ordinal) || fact is "device" or "libtorch" or "torchsharp" or "cpu";

    /// <summary>Records of settings that the sweep no longer asks for leave its leaderboard, not the disk.</summary>
    private static void MoveSuperseded(Sweep sweep, RunStore store, ISweepObserver observer)
    {
        var asked = sweep.Runs.Select(run => run.Id).ToHashSet(StringComparer.Ordinal);
        var moved = store.Ids().Where(id => !asked.Contains(id)).ToList();
        moved.ForEach(store.Supersede);
        if (moved.Count > 0)
            observer.Message($"{moved.Count} earlier runs are not in sweep.yaml any more: moved to {Path.Combine(sweep.Folder, "superseded")}");
    }

    private static void CheckStrategies(Sweep sweep)
    {
        foreach (var component in sweep.Runs.SelectMany(run => run.Strategies).DistinctBy(strategy => strategy.Label))
        {
            StrategyNeeds needs;
            try
            {
                needs = component.Create<IBalancingStrategy>().Needs;
            }
#pragma warning disable CA1031 // a plugin's constructor may throw anything
            catch (Exception e)
#pragma warning restore CA1031
            {
                throw new InputException($"the strategy `{component.Label}` cannot be made: its constructor threw {e.GetType().Name}: {e.Message}");
            }

            if (needs.HasFlag(StrategyNeeds.Teachers))
                throw new InputException($"the strategy `{component.Label}` needs teachers, which this version cannot give yet");
        }
    }

    private static void CheckModels(Sweep sweep)
    {
        foreach (var run in sweep.Runs.DistinctBy(run => (run.Benchmark.Label, run.Model.Label)))
        {
            var benchmark = run.Benchmark.Create<IBenchmark>();
            using var scope = NewDisposeScope();
            using var network = Network.Create(run.Model.Create<IModel>(), benchmark.InputShape, [.. benchmark.Tasks.Select(task => task.Info)], run.Seed, CPU);
        }
    }

    private Dictionary<string, (IBenchmark Benchmark, BenchmarkData Data)> LoadBenchmarks(Sweep sweep, ISweepObserver observer, CancellationToken cancellation)
    {
        var loaded = new Dictionary<string, (IBenchmark, BenchmarkData)>(StringComparer.Ordinal);
        foreach (var component in sweep.Runs.Select(run => run.Benchmark).DistinctBy(benchmark => benchmark.Label))
        {
            observer.Message($"loading {component.Label}");
            var benchmark = component.Create<IBenchmark>();
            using var scope = NewDisposeScope();
            loaded.Add(component.Label, (benchmark, benchmark.Load(new DataContext(settings.DataRoot, settings.Device, cancellation))));
        }

        return loaded;
    }
}
