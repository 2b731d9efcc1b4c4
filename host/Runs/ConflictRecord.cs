namespace KdMtlBench.Host.Runs;

/// <summary>How the tasks' gradients stand to each other after an epoch.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Cosines">By pair of tasks, <c>first/second</c>; below 0 they conflict, NaN where one is zero.</param>
public sealed record ConflictRecord(int Epoch, IReadOnlyDictionary<string, double> Cosines)
{
    /// <summary>The key of a pair.</summary>
    public static string Pair(string first, string second) => $"{first}/{second}";
}
