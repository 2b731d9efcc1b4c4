using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace KdMtlBench.Host.Runs;

/// <summary>The key <c>training</c> of a sweep: the same for every run of it.</summary>
public sealed record TrainingOptions
{
    [Description("passes over the training split"), Range(1, 100000)]
    public required int Epochs { get; init; }

    [Description("samples per step"), Range(1, 100000)]
    public required int BatchSize { get; init; }

    [Description("number of parts in which a step processes its batch, one after the other, to save memory: the same results except for batch norm, which sees each part separately; "
        + "every backward pass takes one more forward pass"), Range(1, 100000)]
    public int Accumulate { get; init; } = 1;

    [Description("optimiser of the network")]
    public Optimizer Optimizer { get; init; } = Optimizer.Adam;

    [Description("initial learning rate"), Range(1e-9, 100)]
    public double LearningRate { get; init; } = 1e-3;

    [Description("weight decay of the network's parameters"), Range(0, 10)]
    public double WeightDecay { get; init; }

    [Description("sgd only"), Range(0, 1)]
    public double Momentum { get; init; } = 0.9;

    [Description("constant; step: times decay every decay-epochs; cosine: to 0 at the end; plateau: times decay after more than patience epochs without a smaller validation error")]
    public Schedule Schedule { get; init; }

    [Description("step and plateau: the factor"), Range(0, 1)]
    public double Decay { get; init; } = 0.5;

    [Description("step only: epochs between two decays"), Range(1, 100000)]
    public int DecayEpochs { get; init; } = 100;

    [Description("plateau only: epochs that the validation error, by which epochs are selected, may go without a new minimum"), Range(0, 100000)]
    public int Patience { get; init; } = 10;

    [Description("model: as the model draws its weights; else drawn again for every dense and convolutional layer, biases 0")]
    public Initialisation Initialisation { get; init; }

    [Description("0: none; else validation and test see an exponential moving average of the network, with this decay per step (at step t at most (1 + t)/(10 + t))"), Range(0, 0.999999)]
    public double WeightAverage { get; init; }

    [Description("fp32; bf16: convolutions and dense layers compute in bfloat16, everything else in float32; fp64: everything in float64, slow, to see the effect of rounding")]
    public Precision Precision { get; init; }

    [Description("best: the epoch with the smallest validation error; last: the last one")]
    public Selection Selection { get; init; }

    [Description("CPU threads per run; they affect the result, since sums are split among them"), Range(1, 1024)]
    public int Threads { get; init; } = 1;

    /// <summary>Of this many images. A last, smaller batch is left out: every step costs the same and batch norm sees the same number.</summary>
    public int StepsPerEpoch(long images) => (int)(images / Math.Min(BatchSize, images));

    /// <summary>The network's learning rate during an epoch.</summary>
    /// <param name="epoch">Counted from 0.</param>
    /// <param name="errors">Validation errors of the epochs before it, in order; enumerated for a plateau only.</param>
    public double LearningRateAt(int epoch, IEnumerable<double> errors) => Schedule switch
    {
        Schedule.Step => LearningRate * Math.Pow(Decay, epoch / DecayEpochs),
        Schedule.Cosine => LearningRate * (1 + Math.Cos(Math.PI * epoch / Epochs)) / 2,
        Schedule.Plateau => LearningRate * Math.Pow(Decay, Plateaus(errors.Take(epoch))),
        _ => LearningRate,
    };

    /// <summary>How often the error went without a new least one for more than <see cref="Patience"/> epochs; counted anew after each time.</summary>
    private int Plateaus(IEnumerable<double> errors)
    {
        var (least, without, plateaus) = (double.PositiveInfinity, 0, 0);
        foreach (var error in errors)
        {
            without = error < least ? 0 : without + 1;
            least = Math.Min(least, error);
            if (without > Patience)
                (without, plateaus) = (0, plateaus + 1);
        }

        return plateaus;
    }
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
    Plateau,
}

public enum Initialisation
{
    Model,
    XavierNormal,
    XavierUniform,
    KaimingNormal,
    KaimingUniform,
    Orthogonal,
}

public enum Selection
{
    Best,
    Last,
}
