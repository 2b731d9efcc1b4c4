using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps.Checks;
using KdMtlBench.Host.Training.Distillation;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Finds out what running a sweep would do, and does none of it; in this process.</summary>
public sealed class DryRun(SweepSettings settings)
{
    /// <exception cref="InputException">Nothing could be started.</exception>
    /// <returns>One plan; where trials come first, one of each round of them before it, and the settings that they are to choose stand open.</returns>
    public IReadOnlyList<SweepPlan> Plan(Sweep sweep, ISweepObserver observer, CancellationToken cancellation)
    {
        SweepChecks.WithoutData(sweep);
        return [.. Tuner.Rounds(sweep, trials => new RunStore(trials.Folder).ReadAll().Records).Select(round => PlanOf(round, observer, cancellation))];
    }

    private SweepPlan PlanOf(Sweep sweep, ISweepObserver observer, CancellationToken cancellation)
    {
        using var benchmarks = new LoadedBenchmarks();
        benchmarks.Load(sweep, new DataContext(settings.DataRoot, settings.Device, cancellation), observer);
        SweepChecks.Requirements(sweep, benchmarks, settings.Device);
        SweepChecks.Initialisation(sweep, benchmarks, settings.StepLimit);
        var store = new RunStore(sweep.Folder);
        var standing = new FinishedRuns(sweep, settings, benchmarks, store, new TeacherStore(sweep.Folder)).Find();
        return new SweepPlanner(settings, benchmarks, store).Plan(sweep, standing.Records, cancellation);
    }
}
