namespace KdMtlBench.Host.Results.Inference;

/// <summary>What an interval says of a row beside the reference.</summary>
public enum Decision
{
    /// <summary>The interval is too wide.</summary>
    Undecided,

    /// <summary>Wholly below 0, and not wholly above minus the margin.</summary>
    Worse,

    /// <summary>Wholly below 0 and above minus the margin.</summary>
    WorseByLess,

    /// <summary>Wholly within ± margin, and 0 is in it.</summary>
    Equivalent,

    /// <summary>Wholly above 0 and below the margin.</summary>
    BetterByLess,

    /// <summary>Wholly above 0, and not wholly below the margin.</summary>
    Better,
}
