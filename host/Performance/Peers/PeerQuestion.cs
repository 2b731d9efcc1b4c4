using static TorchSharp.torch;

namespace KdMtlBench.Host.Performance.Peers;

/// <summary>What both sides are to train, and how.</summary>
/// <param name="Width">Of the SegNet.</param>
/// <param name="Threads">Processor threads of a step.</param>
/// <param name="Device">Where both train.</param>
/// <param name="Tf32">Whether a GPU may use TF32 for float32.</param>
/// <param name="Python">A Python that has torch; null for the first one on this machine.</param>
internal sealed record PeerQuestion(double Width, int Threads, Device Device, bool Tf32, string? Python)
{
    /// <summary>Of Adam. How fast differences of rounding grow depends on it: by 0.005 they grow tenfold a step with some
    /// methods.</summary>
    public double LearningRate { get; init; } = 0.005;

    /// <summary>That the compared steps make up: some strategies look at the epochs that are over.</summary>
    public int Epochs { get; init; } = 1;
}
