using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace KdMtlBench.Host.Runs;

/// <summary>Options that every benchmark takes beside its own.</summary>
public sealed record BenchmarkHostOptions
{
    [Description("some of the benchmark's tasks, in its order; a list of lists gives several choices, which share their single-task runs; by default all tasks")]
    public IReadOnlyList<string>? Tasks { get; init; }

    [Description("fraction of each task's training labels that is hidden, the same ones in every run; validation and test keep theirs"), Range(0, 0.999)]
    public double HideLabels { get; init; }

    [Description("share of the training samples that is used, the same ones by every run; validation and test stay whole"), Range(0.001, 1)]
    public double TrainShare { get; init; } = 1;
}
