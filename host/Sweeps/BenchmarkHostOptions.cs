using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Options that every benchmark takes beside its own.</summary>
public sealed record BenchmarkHostOptions
{
    [Description("share of each task's training labels that is hidden, the same ones from every run; validation and test keep theirs"), Range(0, 0.999)]
    public double HideLabels { get; init; }
}
