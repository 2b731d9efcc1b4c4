namespace KdMtlBench.Host.Models;

/// <summary>The option that makes a network wider or narrower than the published one.</summary>
internal static class Width
{
    /// <summary>A number of channels or features, at least 1.</summary>
    public static long Scaled(long published, double width) => Math.Max(1, (long)Math.Round(published * width));
}
