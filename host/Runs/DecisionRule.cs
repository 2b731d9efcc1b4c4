namespace KdMtlBench.Host.Runs;

/// <summary>How the rows of a sweep are judged; chosen before there is any data.</summary>
/// <param name="Reference">Label of the row that all others are compared with.</param>
/// <param name="Margin">In points of Δ task, above 0: a smaller difference is none that matters.</param>
public sealed record DecisionRule(string Reference, double Margin)
{
    /// <summary>Of a sweep that names none.</summary>
    public static DecisionRule Default { get; } = new("uniform", 1);
}
