namespace KdMtlBench.Host.Results.Regression;

/// <summary>What a check found.</summary>
/// <param name="Runs">Pairs of a stored record and its candidate.</param>
/// <param name="Values">One a strategy and metric, in order of benchmark, model and strategy.</param>
/// <param name="Endings">Runs that fail now and did not, or no longer fail, one sentence each.</param>
/// <param name="Changes">Facts that differ between stored records and candidates, those of the fewest strategies first.</param>
/// <param name="Problems">Why nothing can be compared, one sentence each.</param>
public sealed record RegressionReport(
    int Runs,
    IReadOnlyList<ComparedValue> Values,
    IReadOnlyList<string> Endings,
    IReadOnlyList<ChangedFact> Changes,
    IReadOnlyList<string> Problems)
{
    /// <summary>What is not as it was stored, better or worse.</summary>
    public IEnumerable<ComparedValue> Moved => Values.Where(value => value.Movement is Movement.Better or Movement.Worse);

    /// <summary>What there is nothing to judge by.</summary>
    public int NotCompared => Values.Count(value => value.Movement == Movement.NotCompared);

    /// <summary>0 as stored, 1 moved, 2 not to be compared, <see cref="NothingToJudgeBy"/>. A better value is stale in the leaderboard too: both count as moved.</summary>
    public int ExitCode => Problems.Count > 0 ? 2
        : Moved.Any() || Endings.Count > 0 ? 1
        : NotCompared > 0 && NotCompared == Values.Count ? NothingToJudgeBy : 0;

    /// <summary>Exit code where everything was made on another machine with too few seeds for an interval.</summary>
    public const int NothingToJudgeBy = 3;
}

/// <summary>A metric of a strategy, mean over the seeds that finished on both sides.</summary>
/// <param name="Benchmark">Label.</param>
/// <param name="Model">Label.</param>
/// <param name="Strategy">Label; of a baseline with its task.</param>
/// <param name="Metric">What was measured.</param>
/// <param name="Stored">On the test split, in the metric's own unit.</param>
/// <param name="Candidate">In the same unit.</param>
/// <param name="Allowed">The largest difference of the means that is none; null where every seed must give the same bits.</param>
/// <param name="Movement">Better and worse by the metric's direction.</param>
public sealed record ComparedValue(
    string Benchmark, string Model, string Strategy, TaskMetric Metric, double Stored, double Candidate, double? Allowed, Movement Movement);

/// <summary>How a candidate compares with what is stored.</summary>
public enum Movement
{
    Same,
    Better,
    Worse,

    /// <summary>Other bits are to be expected, and too few seeds are stored to tell how far they may be off.</summary>
    NotCompared,
}

/// <summary>A fact of provenance that is not as it was.</summary>
/// <param name="Key">As in the records.</param>
/// <param name="Stored">Null where the stored record does not tell.</param>
/// <param name="Candidate">Null where the candidate does not tell.</param>
/// <param name="Strategies">Whose runs it concerns.</param>
public sealed record ChangedFact(string Key, string? Stored, string? Candidate, IReadOnlyList<string> Strategies);
