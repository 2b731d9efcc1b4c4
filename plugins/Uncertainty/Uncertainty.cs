namespace KdMtlBench.Plugins;

/// <summary>Homoscedastic uncertainty ("Uncert"): sᵢ = log σᵢ² is learnt with the network;
/// regression ½ e^(−s) L + ½ s, classification e^(−s) L + ½ s.</summary>
/// <remarks>Kendall, Gal &amp; Cipolla, CVPR 2018, eq. 7 and 10. No weight decay on s. The public MTAN code takes the
/// ½ form for every task and starts at −0.5: <c>form: mtan, initial: -0.5</c>.</remarks>
[Strategy("uncertainty", Title = "Uncertainty weighting", Family = StrategyFamily.LossWeighting,
    Paper = "Kendall, Gal & Cipolla, CVPR 2018, eq. 7 and 10")]
public sealed class Uncertainty(UncertaintyOptions options) : LossWeighting
{
    private Tensor? _logVariance;
    private Tensor? _scale;

    public override void Attach(ITrainingSetup setup)
    {
        var halves = setup.Tasks.Select(task => options.Form == UncertaintyForm.Paper && task.Kind == TaskKind.Classification ? 1f : 0.5f);
        _scale = setup.Keep("scale", tensor(halves.ToArray()));
        _logVariance = setup.Train(full(setup.Tasks.Count, (float)options.Initial), options.LearningRate ?? setup.LearningRate);
    }

    protected override Tensor Weights(ITrainingStep step, Tensor objectives) => _scale! * exp(-_logVariance!);

    protected override Tensor Total(Tensor weights, Tensor objectives) => (weights * objectives + 0.5 * _logVariance!).sum();
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

    [Description("log variance at the start")]
    public double Initial { get; init; }

    [Description("of the log variances; the model's own when left out"), Range(0, 10)]
    public double? LearningRate { get; init; }
}
