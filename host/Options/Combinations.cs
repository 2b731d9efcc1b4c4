namespace KdMtlBench.Host.Options;

/// <summary>One of each: the Cartesian product of several lists.</summary>
internal static class Combinations
{
    /// <summary>More than this many are taken for a slip.</summary>
    public const int Limit = 1000;

    public static double Count<T>(IEnumerable<IReadOnlyList<T>> choices) => choices.Aggregate(1.0, (count, choice) => count * choice.Count);

    /// <summary>All combinations, the last list varying fastest.</summary>
    public static IEnumerable<IReadOnlyList<T>> Of<T>(IEnumerable<IReadOnlyList<T>> choices) => choices.Aggregate(
        (IEnumerable<IReadOnlyList<T>>)[[]],
        (heads, choice) => heads.SelectMany(head => choice.Select(last => (IReadOnlyList<T>)[.. head, last])));
}
