namespace KdMtlBench.Host.Storage.Sharing;

/// <summary>What processes that share a sweep agree in.</summary>
/// <param name="Plan">Hash of all runs with their settings, code, data and kind of device.</param>
/// <param name="Runs">How many there are to make; others were finished before.</param>
public sealed record Session(string Plan, int Runs);
