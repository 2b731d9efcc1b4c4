namespace KdMtlBench.Host.Training;

/// <summary>A run has been taken over by another process while this one stood still.</summary>
internal sealed class RunLostException(string run) : Exception($"the run {run} has been taken over by another process");
