using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Sweeps.Checks;

/// <summary>What is tried out before the first run, so that nothing is started that cannot end well; each throws
/// <see cref="InputException"/>.</summary>
internal static class SweepChecks
{
    /// <summary>All that can be found out before data are loaded, of trials as well.</summary>
    public static void WithoutData(Sweep sweep)
    {
        foreach (var part in Tuner.Rounds(sweep, _ => []))
        {
            Strategies(part);
            BenchmarksAndModels(part);
        }
    }

    /// <summary>Where a strategy asks for teachers there will be some, which compute as it does.</summary>
    public static void Strategies(Sweep sweep)
    {
        foreach (var run in sweep.Runs.Where(Teachers.NeededBy))
            if (!sweep.Runs.Any(other => other.SingleTask is not null && other.Benchmark.Label == run.Benchmark.AllTasksLabel))
                throw new InputException($"{At(run)}the strategy `{run.StrategyLabel}` learns from single-task networks, which `{run.Benchmark.Label}` does not have; "
                    + "take the one or the other out of the sweep");
            else if (run.SingleTaskTraining.Values.Any(alone => alone.Options.Precision != run.Training.Precision))
                throw new InputException($"{At(run)}the strategy `{run.StrategyLabel}` learns from single-task networks, which have another `precision`; give both the same");
    }

    /// <summary>Every benchmark holds together, and every model can take its inputs.</summary>
    public static void BenchmarksAndModels(Sweep sweep)
    {
        foreach (var component in sweep.Runs.Select(run => run.Benchmark).DistinctBy(benchmark => benchmark.Label))
            Trial.Benchmark(component);
        foreach (var run in sweep.Runs.DistinctBy(run => (run.Benchmark.Label, run.Model.Label)))
            Trial.Model(run.Model, run.Benchmark.CreateBenchmark(), run.Seed);
    }

    /// <summary>Every list of strategies gets what it requires from every model and benchmark, and predictions fit targets.</summary>
    public static void Requirements(Sweep sweep, LoadedBenchmarks benchmarks, Device device)
    {
        var faults = sweep.Runs.DistinctBy(run => (run.Benchmark.Label, run.Model.Label)).SelectMany(run =>
        {
            var (benchmark, data) = benchmarks.Of(run);
            var facts = Trial.Fit(run.Model, run.Benchmark, benchmark, data, run.Seed, device);
            return sweep.Runs.Where(other => other.Benchmark.Label == run.Benchmark.Label && other.Model.Label == run.Model.Label && other.SingleTask is null)
                .DistinctBy(other => other.StrategyLabel)
                .SelectMany(other => other.Strategies.SelectMany(strategy => Faults(other, strategy, facts)));
        }).Distinct().ToList();
        if (faults.Count > 0)
            throw new InputException(string.Join('\n', faults));
    }

    /// <summary>What a strategy requires and a run cannot give, one sentence each.</summary>
    public static IEnumerable<string> Faults(RunSpec run, Component strategy, ModelFacts facts)
    {
        var requirements = StrategyListRules.RequirementsOf(strategy.Strategy);
        if (requirements.HasFlag(StrategyRequirements.Representation) && !facts.HasRepresentation)
            yield return $"{At(run)}`{strategy.Entry.Id}` works at a representation that all heads share, which the model `{run.Model.Label}` does not have; take another model, or take the strategy out";
        if (requirements.HasFlag(StrategyRequirements.TaskRepresentation) && !facts.HasTaskRepresentations)
            yield return $"{At(run)}`{strategy.Entry.Id}` reads the representation of each task, which the model `{run.Model.Label}` does not have; take another model, or take the strategy out";
        if (requirements.HasFlag(StrategyRequirements.Features) && !facts.HasTaps)
            yield return $"{At(run)}`{strategy.Entry.Id}` reads features, and the model `{run.Model.Label}` has no taps to read them at; take another model, or take the strategy out";
        if (requirements.HasFlag(StrategyRequirements.LastSharedLayer) && !facts.HasLastSharedLayer)
            yield return $"{At(run)}`{strategy.Entry.Id}` looks at the last shared layer, which the model `{run.Model.Label}` does not name; take another model, or take the strategy out";
        if (requirements.HasFlag(StrategyRequirements.SharedSamples) && facts.HasOwnSamples)
            yield return $"{At(run)}`{strategy.Entry.Id}` compares the tasks on the same samples, and each task of `{run.Benchmark.Label}` has samples of its own; take the strategy out, or put it on another benchmark";
    }

    /// <summary>Where the run's strategies stand in the sweep file, before a sentence.</summary>
    private static string At(RunSpec run) => run.Origin ?? "";

    /// <summary>Initialises every strategy once on trial; only what it finds wrong with its options counts.</summary>
    public static void Initialisation(Sweep sweep, LoadedBenchmarks benchmarks, TimeSpan limit)
    {
        foreach (var run in sweep.Runs.Where(run => run.SingleTask is null).DistinctBy(run => (run.Benchmark.Label, run.Model.Label, run.StrategyLabel)))
        {
            // On a thread of its own: one that does not come back holds nothing up but itself.
            var trial = Task.Run(() => TryInitialise(run, benchmarks));
            if (!((IAsyncResult)trial).AsyncWaitHandle.WaitOne(limit))
                throw new InputException($"{At(run)}the strategy `{run.StrategyLabel}` has not come back from `Initialise` for {limit.TotalSeconds} s (--step-limit-seconds)");
            trial.GetAwaiter().GetResult();
        }
    }

    private static void TryInitialise(RunSpec run, LoadedBenchmarks benchmarks)
    {
        var (benchmark, data) = benchmarks.Of(run);
        using var scope = NewDisposeScope();
        using var trial = new RunContext(run, benchmark, data, CPU);
        try
        {
            trial.InitialiseStrategies();
        }
        catch (ArgumentException e)
        {
            throw new InputException($"{At(run)}the strategy `{run.StrategyLabel}` does not fit `{run.Model.Label}` on `{run.Benchmark.Label}`: {e.Message}");
        }
#pragma warning disable CA1031 // whatever else goes wrong is the run's own failure, and is recorded as such
        catch
#pragma warning restore CA1031
        {
        }
    }
}
