namespace KdMtlBench.Plugins;

/// <summary>Homoscedastic uncertainty ("Uncert"): sᵢ = log σᵢ² is learnt with the network;
/// regression ½ e^(−s) L + ½ s, classification e^(−s) L + ½ s.</summary>
/// <remarks>Kendall, Gal &amp; Cipolla, CVPR 2018, eq. 7 and 10. No weight decay on s. The public MTAN code takes the
/// ½ form for every task and starts at −0.5: <c>form: mtan, initial: -0.5</c>; there and in LibMTL s follows the network's
/// learning-rate schedule: <c>follow-schedule: true</c>. Losses must be positive, or s falls without end.</remarks>
[Strategy("uncertainty", Title = "Uncertainty weighting", Family = StrategyFamily.LossWeighting,
    Paper = "Kendall, Gal & Cipolla, CVPR 2018, eq. 7 and 10")]
public sealed class Uncertainty(UncertaintyOptions options) : ObjectiveStrategy
{
    private Tensor? _logVariance;
    private Tensor? _scale;

    public override StrategyRequirements Requirements => StrategyRequirements.PositiveLosses;

    public override ScaleResponse ScaleResponse => ScaleResponse.Absorbed;

    public override bool MayTurnNegative => true;

    public override bool OnlyScalesGradients => true;

    public override void Initialise(ITrainingSetup setup)
    {
        var scales = setup.Tasks.Select(task => options.Form == UncertaintyForm.Paper && task.Kind == TaskKind.Classification ? 1 : 0.5);
        _scale = setup.AddTaskBuffer("scale", tensor(scales.ToArray(), dtype: setup.Dtype));
        _logVariance = setup.AddTaskParameter(full(setup.Tasks.Count, options.Initial, dtype: setup.Dtype), options.LearningRate ?? setup.LearningRate);
    }

    public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses)
    {
        var weights = _scale! * exp(-_logVariance!);
        step.RecordWeights(weights);
        return [.. losses.Select((loss, i) => weights[i] * loss + 0.5 * _logVariance![i])];
    }
}

public enum UncertaintyForm
{
    Paper,
    Mtan,
}

public sealed record UncertaintyOptions
{
    [Description("paper: classification without the ½; mtan: ½ for every task")]
    public UncertaintyForm Form { get; init; }

    [Description("initial log variance")]
    public double Initial { get; init; }

    [Description("learning rate of the log variances; by default the model's initial one"), Range(0, 10)]
    public double? LearningRate { get; init; }
}
