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
            CheckAttachment(sweep, benchmarks);
            var store = new RunStore(sweep.Folder);
            var teachers = new TeacherStore(sweep.Folder);
            MoveSuperseded(sweep, store, observer);
            var teachersOf = TeachersOf(sweep, benchmarks);
            var kept = settings.Fresh ? [] : Kept(sweep, store, benchmarks);
            kept.RemoveAll(NetworksToMakeAgain(kept, teachersOf, teachers, benchmarks, observer).Contains);
            var pending = sweep.Runs.Where(run => kept.All(record => record.Id != run.Id)).ToList();
            observer.Started(pending, kept);
            var executor = new RunExecutor(store, teachers, settings.Device, settings.Parallel, keepTeachers: teachersOf.Count > 0);
            var queue = new RunQueue(pending, run => teachersOf.GetValueOrDefault(run.Id, []).Select(teacher => teacher.Id));
            var made = Execute(queue, executor, store, benchmarks, observer, cancellation);
            var order = sweep.Runs.Select((run, i) => (run.Id, i)).ToDictionary(pair => pair.Id, pair => pair.i, StringComparer.Ordinal);
            return new SweepOutcome([.. kept.Concat(made).OrderBy(record => order[record.Id])], Interrupted: made.Count < pending.Count);
        }
        finally
        {
            foreach (var (_, data) in benchmarks.Values)
                data.Dispose();
        }
    }

    private IReadOnlyCollection<RunRecord> Execute(
        RunQueue queue,
        RunExecutor executor,
        RunStore store,
        Dictionary<string, (IBenchmark Benchmark, BenchmarkData Data)> benchmarks,
        ISweepObserver observer,
        CancellationToken cancellation)
    {
        var made = new ConcurrentBag<RunRecord>();
        var telling = new Lock();

        // Threads of their own, since libtorch's thread count belongs to the thread that asks for it.
        var workers = Enumerable.Range(0, settings.Parallel).Select(i => new Thread(Work) { Name = $"run-{i}", IsBackground = true }).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
        return made;

        void Work()
        {
            while (!cancellation.IsCancellationRequested && queue.Take() is { } run)
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
                    queue.Close();
                }
                finally
                {
                    queue.Finish(run);
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
                   where now.Where(fact => Provenance.DeterminesResult(fact.Key)).All(fact => record.Provenance.GetValueOrDefault(fact.Key) == fact.Value)
                   select record];
    }

    /// <summary>By run, the single-task runs that it learns from; runs that learn from none are left out.</summary>
    private static Dictionary<string, IReadOnlyList<RunSpec>> TeachersOf(Sweep sweep, Dictionary<string, (IBenchmark Benchmark, BenchmarkData Data)> benchmarks) =>
        sweep.Runs.Where(Teachers.NeededBy).ToDictionary(run => run.Id, run => Teachers.RunsFor(run, benchmarks[run.Benchmark.Label].Benchmark), StringComparer.Ordinal);

    /// <summary>Finished single-task runs whose network a run that is still to be made needs, and which is in no file.</summary>
    private HashSet<RunRecord> NetworksToMakeAgain(
        IReadOnlyList<RunRecord> kept,
        Dictionary<string, IReadOnlyList<RunSpec>> teachersOf,
        TeacherStore teachers,
        Dictionary<string, (IBenchmark Benchmark, BenchmarkData Data)> benchmarks,
        ISweepObserver observer)
    {
        var finished = kept.ToDictionary(record => record.Id, StringComparer.Ordinal);
        var needed = teachersOf.Where(pair => !finished.ContainsKey(pair.Key)).SelectMany(pair => pair.Value).DistinctBy(teacher => teacher.Id);
        var again = new HashSet<RunRecord>();
        foreach (var teacher in needed.Where(teacher => finished.ContainsKey(teacher.Id)))
        {
            var identity = TeacherStore.Identity(teacher, benchmarks[teacher.Benchmark.Label].Data.Sha256, settings.Device);
            if (teachers.Missing(teacher, identity) is not { } reason)
                continue;
            observer.Message($"the run {teacher.Id} is made again, as others learn from its network: {reason}");
            again.Add(finished[teacher.Id]);
        }

        return again;
    }

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
            try
            {
                _ = component.Create<IBalancingStrategy>();
            }
#pragma warning disable CA1031 // a plugin's constructor may throw anything
            catch (Exception e)
#pragma warning restore CA1031
            {
                throw new InputException($"the strategy `{component.Label}` cannot be made: its constructor threw {e.GetType().Name}: {e.Message}");
            }
        }

        foreach (var run in sweep.Runs.Where(Teachers.NeededBy))
            if (!sweep.Runs.Any(other => other.SingleTask is not null && other.Benchmark.Label == run.Benchmark.Label))
                throw new InputException($"the strategy `{run.StrategyLabel}` learns from single-task networks, which `{run.Benchmark.Label}` does not have; take the one or the other out of the sweep");
    }

    /// <summary>Attaches every strategy once for trial; only what it finds wrong with its options counts.</summary>
    private static void CheckAttachment(Sweep sweep, Dictionary<string, (IBenchmark Benchmark, BenchmarkData Data)> benchmarks)
    {
        foreach (var run in sweep.Runs.Where(run => run.SingleTask is null).DistinctBy(run => (run.Benchmark.Label, run.Model.Label, run.StrategyLabel)))
        {
            var (benchmark, data) = benchmarks[run.Benchmark.Label];
            using var trial = new RunContext(run, benchmark, data, CPU);
            try
            {
                trial.Attach();
            }
            catch (ArgumentException e)
            {
                throw new InputException($"the strategy `{run.StrategyLabel}` does not fit `{run.Model.Label}` on `{run.Benchmark.Label}`: {e.Message}");
            }
#pragma warning disable CA1031 // whatever else goes wrong is the run's own failure, and is recorded as such
            catch
#pragma warning restore CA1031
            {
            }
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
