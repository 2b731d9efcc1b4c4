using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace KdMtlBench.Host.Sweeps;

/// <summary>The key <c>training</c> of a sweep: the same for every run of it.</summary>
public sealed record TrainingOptions
{
    [Description("passes over the training split"), Range(1, 100000)]
    public required int Epochs { get; init; }

    [Description("images a step"), Range(1, 100000)]
    public required int BatchSize { get; init; }

    [Description("of the network")]
    public Optimizer Optimizer { get; init; } = Optimizer.Adam;

    [Description("at the start"), Range(1e-9, 100)]
    public double LearningRate { get; init; } = 1e-3;

    [Description("of the network's parameters"), Range(0, 10)]
    public double WeightDecay { get; init; }

    [Description("sgd only"), Range(0, 1)]
    public double Momentum { get; init; } = 0.9;

    [Description("constant; step: times decay every decay-epochs; cosine: to 0 at the end")]
    public Schedule Schedule { get; init; }

    [Description("step only: the factor"), Range(0, 1)]
    public double Decay { get; init; } = 0.5;

    [Description("step only: epochs between two decays"), Range(1, 100000)]
    public int DecayEpochs { get; init; } = 100;

    [Description("fp32; bf16: convolutions and dense layers compute in bfloat16, everything else in float32; fp64: everything in float64, slow, to tell what rounding does")]
    public Precision Precision { get; init; }

    [Description("best: the epoch with the smallest validation error; last: the last one")]
    public Selection Selection { get; init; }

    [Description("processor threads a run; part of the result, since sums are split by them"), Range(1, 1024)]
    public int Threads { get; init; } = 1;

    /// <summary>Of this many images. A last, smaller batch is left out: every step costs the same and batch norm sees the same number.</summary>
    public int StepsPerEpoch(long images) => (int)(images / Math.Min(BatchSize, images));

    /// <summary>The network's learning rate during an epoch, counted from 0.</summary>
    public double LearningRateAt(int epoch) => Schedule switch
    {
        Schedule.Step => LearningRate * Math.Pow(Decay, epoch / DecayEpochs),
        Schedule.Cosine => LearningRate * (1 + Math.Cos(Math.PI * epoch / Epochs)) / 2,
        _ => LearningRate,
    };
}

public enum Optimizer
{
    Adam,
    AdamW,
    Sgd,
}

public enum Precision
{
    Fp32,
    Bf16,
    Fp64,
}

public enum Schedule
{
    Constant,
    Step,
    Cosine,
}

public enum Selection
{
    Best,
    Last,
}
