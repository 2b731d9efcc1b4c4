namespace KdMtlBench.Host.Runs;

/// <summary>How the rows of a sweep are judged; chosen before there is any data.</summary>
/// <param name="Reference">Label of the row that all others are compared with.</param>
/// <param name="Margin">In points of Δ task, above 0: a smaller difference is none that matters.</param>
/// <param name="Rounds">Null for a fixed number of seeds.</param>
public sealed record DecisionRule(string Reference, double Margin, SeedRounds? Rounds = null)
{
    /// <summary>Of a sweep that names none.</summary>
    public static DecisionRule Default { get; } = new("uniform", 1);
}

/// <summary>Seeds that come in rounds: the first ones for every row, then one a round for each row that is not decided.</summary>
/// <param name="From">Seeds of the first round, 3 or more: 1, 2, …</param>
/// <param name="To">The last seed that there may be.</param>
public sealed record SeedRounds(int From, int To);
