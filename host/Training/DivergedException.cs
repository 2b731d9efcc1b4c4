namespace KdMtlBench.Host.Training;

/// <summary>The run cannot go on: a loss or gradient is not finite. The message names the place.</summary>
public sealed class DivergedException(string message) : Exception(message)
{
    /// <summary>The message names the step, which may be earlier than the one after which it was found.</summary>
    public bool NamesStep { get; init; }
}
