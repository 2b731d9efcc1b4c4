namespace KdMtlBench.Host.Runs;

/// <summary>What a run cost.</summary>
public sealed record RunCost
{
    /// <summary>Median over the steps of the run, evaluation left out.</summary>
    public double StepMilliseconds { get; init; }

    /// <summary>Backward passes through the trunk a step.</summary>
    public double BackwardPasses { get; init; }

    /// <summary>Largest resident memory of the process while this run was on.</summary>
    public double PeakMebibytes { get; init; }

    /// <summary>Training and evaluation, wall clock.</summary>
    public double TrainSeconds { get; init; }

    /// <summary>Training of the teachers that this run made use of, wall clock.</summary>
    public double TeacherSeconds { get; init; }

    /// <summary>Times a solver did not converge or could not solve its input.</summary>
    public long SolverFailures { get; init; }
}
