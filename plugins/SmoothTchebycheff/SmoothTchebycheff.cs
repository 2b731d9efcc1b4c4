namespace KdMtlBench.Plugins;

/// <summary>Smooth Tchebycheff scalarisation: minimises K μ log Σ exp(fᵢ/μ) with fᵢ = log(Lᵢ / nadirᵢ), whose gradient
/// is Σ wᵢ ∇Lᵢ with w = K softmax(f/μ) / L. As μ → 0 it becomes K max fᵢ.</summary>
/// <remarks>Lin et al., ICML 2024, smooth Tchebycheff scalarisation with equal preferences. As in the authors' code for
/// multi-task learning, losses enter by their logarithm, the nadir is the mean loss of an early epoch, and Σ log Lᵢ is
/// minimised up to its end; the authors' warm-up of 4, counted from 0, is <c>nadir-epoch: 5</c>. Losses must be positive.</remarks>
[Strategy("smooth-tchebycheff", Title = "Smooth Tchebycheff", Family = StrategyFamily.LossWeighting,
    Paper = "Lin et al., ICML 2024, smooth Tchebycheff scalarisation")]
public sealed class SmoothTchebycheff(SmoothTchebycheffOptions options) : LossWeighting
{
    private Tensor? _nadir;

    public override StrategyRequirements Requirements => StrategyRequirements.PositiveLosses;

    public override ScaleResponse ScaleResponse => ScaleResponse.None;

    public override void Initialise(ITrainingSetup setup)
    {
        if (setup.Epochs <= options.NadirEpoch)
            throw new ArgumentException($"smooth-tchebycheff scales losses by their means in epoch {options.NadirEpoch}, but the run has {setup.Epochs}: train longer or lower nadir-epoch");
        _nadir = setup.AddTaskBuffer("nadir", ones(setup.Tasks.Count, dtype: setup.Dtype));
    }

    public override void StartEpoch(EpochHistory history)
    {
        if (history.Losses.Count == options.NadirEpoch)
            _nadir!.copy_(tensor(history.Losses[^1].ToArray(), dtype: _nadir.dtype));
    }

    protected override Tensor Weights(ITrainingStep step, Tensor losses)
    {
        var values = PositiveLosses.Of(losses);
        return step.EpochLosses.Count < options.NadirEpoch ? 1 / values : Weights(values, _nadir!, options.Mu);
    }

    /// <summary>K softmax(f/μ) / L. All [tasks], positive.</summary>
    public static Tensor Weights(Tensor losses, Tensor nadir, double mu) =>
        losses.shape[0] * softmax((losses / nadir).log() / mu, 0) / losses;
}

public sealed record SmoothTchebycheffOptions
{
    [Description("smoothness μ: the smaller, the more the worst task dominates"), Range(1e-3, 1e3)]
    public double Mu { get; init; } = 1;

    [Description("epoch, from 1, whose mean losses all later ones are divided by"), Range(1, 1_000_000)]
    public int NadirEpoch { get; init; } = 5;
}
