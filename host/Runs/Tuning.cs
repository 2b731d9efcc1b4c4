namespace KdMtlBench.Host.Runs;

/// <summary>How the options of a strategy were chosen.</summary>
/// <param name="Label">Of what was tuned: the ids of the composition.</param>
/// <param name="Budget">Settings that were tried; the same for every tuned strategy of a sweep.</param>
/// <param name="Method">random or grid.</param>
/// <param name="Seeds">That each setting was tried on; none of the seeds of the results.</param>
public sealed record Tuning(string Label, int Budget, string Method, IReadOnlyList<int> Seeds)
{
    /// <summary>How the leaderboard calls what came of it.</summary>
    public string RowLabel => $"{Label} (tuned: {Budget} trials)";

    /// <summary>For <see cref="RunSpec.Settings"/>.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["budget"] = $"{Budget}",
        ["method"] = Method,
        ["seeds"] = string.Join('|', Seeds),
    };
}
