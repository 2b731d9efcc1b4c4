namespace KdMtlBench.Host.Sweeps.Checks;

/// <summary>What strategies may require of a model and a benchmark.</summary>
/// <param name="HasRepresentation">All heads work on one representation.</param>
/// <param name="HasTaskRepresentations">Each task's last layers work on one representation, if not on the same.</param>
/// <param name="HasTaps">There are places to read features at.</param>
/// <param name="HasLastSharedLayer">The model names its last shared layer.</param>
/// <param name="HasOwnSamples">Each task has samples of its own.</param>
internal sealed record ModelFacts(bool HasRepresentation, bool HasTaskRepresentations, bool HasTaps, bool HasLastSharedLayer, bool HasOwnSamples);
