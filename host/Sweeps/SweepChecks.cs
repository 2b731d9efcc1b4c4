using KdMtlBench.Contracts;
using KdMtlBench.Host.Benchmarks;
using KdMtlBench.Host.Models;
using KdMtlBench.Host.Training;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Sweeps;

/// <summary>What is tried out before the first run, so that nothing is started that cannot end well; each throws
/// <see cref="InputException"/>.</summary>
internal static class SweepChecks
{
    /// <summary>Every strategy can be made, and where it asks for teachers there will be some.</summary>
    public static void Strategies(Sweep sweep)
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

    /// <summary>Every model can take its benchmark's inputs.</summary>
    public static void Models(Sweep sweep)
    {
        foreach (var run in sweep.Runs.DistinctBy(run => (run.Benchmark.Label, run.Model.Label)))
        {
            var benchmark = run.Benchmark.Create<IBenchmark>();
            using var scope = NewDisposeScope();
            using var network = Network.Create(run.Model.Create<IModel>(), benchmark.InputShape, [.. benchmark.Tasks.Select(task => task.Info)], run.Seed, CPU);
        }
    }

    /// <summary>Attaches every strategy once for trial; only what it finds wrong with its options counts.</summary>
    public static void Attachment(Sweep sweep, LoadedBenchmarks benchmarks, TimeSpan limit)
    {
        foreach (var run in sweep.Runs.Where(run => run.SingleTask is null).DistinctBy(run => (run.Benchmark.Label, run.Model.Label, run.StrategyLabel)))
        {
            // On a thread of its own: one that does not come back holds nothing up but itself.
            var trial = Task.Run(() => TryAttach(run, benchmarks));
            if (!((IAsyncResult)trial).AsyncWaitHandle.WaitOne(limit))
                throw new InputException($"the strategy `{run.StrategyLabel}` has not come back from `Attach` for {limit.TotalSeconds} s (--step-limit-seconds)");
            trial.GetAwaiter().GetResult();
        }
    }

    private static void TryAttach(RunSpec run, LoadedBenchmarks benchmarks)
    {
        var (benchmark, data) = benchmarks.Of(run);
        using var scope = NewDisposeScope();
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
