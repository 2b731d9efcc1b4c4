using KdMtlBench.Host.Training.Networks;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Strategies;

/// <summary>The step under way as the strategy at one place of the list sees it.</summary>
/// <param name="step">The step.</param>
/// <param name="place">From 0.</param>
/// <param name="pass">Of the step's own batch, or of another one while objectives are evaluated again.</param>
/// <param name="received">The losses that this strategy receives, of that pass.</param>
internal sealed class StrategyStep(TrainingStep step, int place, ForwardPass pass, IReadOnlyList<Tensor> received) : ITrainingStep
{
    public long Index => step.Index;

    public int Epoch => step.Epoch;

    public double Progress => step.Progress;

    public Random Random => step.RandomOf(place);

    public bool IsReevaluation => pass != step.Pass;

    public IReadOnlyList<TaskInfo> Tasks => step.Present;

    public IReadOnlyList<IReadOnlyList<double>> EpochLosses => step.Run.EpochLosses[place];

    public IReadOnlyList<Tensor> Losses => received;

    public IReadOnlyList<(long Start, long Count)>? OwnSamples => pass.Batch.Rows is { } rows ? [.. pass.Present.Select(task => rows[task])] : null;

    public Tensor Prediction(int task) => pass.Prediction(task);

    public Tensor Target(int task) => pass.Target(task);

    public Tensor SoftLoss(int task, Tensor target) => pass.SoftLoss(task, target);

    public Tensor Features(string tap, int task)
    {
        Require(StrategyRequirements.Features);
        return pass.Features(tap, task);
    }

    public Tensor Representation(int task)
    {
        Require(StrategyRequirements.TaskRepresentation);
        return pass.TaskRepresentation(task);
    }

    public Tensor TeacherFeatures(string tap, int task)
    {
        Require(StrategyRequirements.Teachers);
        return pass.TeacherFeatures(tap, task);
    }

    public Tensor TeacherPrediction(int task)
    {
        Require(StrategyRequirements.Teachers);
        return pass.TeacherPrediction(task);
    }

    public Tensor LastLayerGradients()
    {
        Require(StrategyRequirements.LastSharedLayer);
        return step.LastLayerGradients(received);
    }

    public Tensor GradientsOf(IReadOnlyList<Tensor> scalars) => step.GradientsOf(scalars);

    public Tensor DifferentiableGradientsOf(IReadOnlyList<Tensor> scalars) => step.DifferentiableGradientsOf(scalars);

    public Tensor GradientsAt(Tensor offset) => step.GradientsAt(place, offset);

    public IReadOnlyList<IReadOnlyList<Tensor>> PartialLosses(int parts)
    {
        Require(StrategyRequirements.OriginalLosses);
        return [.. Enumerable.Range(0, parts).Select(part => pass.PartialLosses(part, parts))];
    }

    public Tensor RecomputeLosses()
    {
        using var noGradient = no_grad();
        return stack(step.ReceivedBy(place, step.PassAside(step.Pass.Batch)));
    }

    public IReadOnlyList<Tensor> ValidationLosses()
    {
        Require(StrategyRequirements.ValidationBatch);
        return step.ReceivedBy(place, step.PassAside(step.Run.ValidationBatch(Index, step.Pass.Present)));
    }

    public IReadOnlyList<Tensor> ResampledLosses(int sample) => step.ReceivedBy(place, step.PassAside(step.Run.TrainingSample(Index, sample, step.Pass.Present)));

    public void RecordWeights(Tensor weights)
    {
        if (!IsReevaluation)
            step.Log.RecordWeights(place, weights);
    }

    public void ReportSolverFailure(string reason, double residual) => step.SolverFailures.Add(step.Run.StrategyId(place), reason, residual);

    /// <summary>What a strategy has not asked for was not checked before the run, and is not given.</summary>
    private void Require(StrategyRequirements requirement)
    {
        if (!step.Run.Strategies[place].Requirements.HasFlag(requirement))
            throw new InvalidOperationException($"`{step.Run.StrategyId(place)}` uses what it has not asked for: its Requirements must hold StrategyRequirements.{requirement}");
    }
}
