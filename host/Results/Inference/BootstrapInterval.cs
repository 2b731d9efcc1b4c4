namespace KdMtlBench.Host.Results.Inference;

/// <summary>A statistic of the runs as they were made, and its 95 % interval.</summary>
/// <param name="Value">Minus infinity where failed runs decide it.</param>
/// <param name="Low">Null below three runs in a group.</param>
/// <param name="High">As <paramref name="Low"/>.</param>
public sealed record BootstrapInterval(double Value, double? Low, double? High)
{
    /// <summary>Of the opposite event, where this is a probability.</summary>
    public BootstrapInterval Complement() => new(1 - Value, 1 - High, 1 - Low);
}
