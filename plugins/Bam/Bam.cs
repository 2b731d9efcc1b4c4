namespace KdMtlBench.Plugins;

/// <summary>Born-again networks with teacher annealing: each task's loss is taken against λ · truth + (1 − λ) · teacher, with λ
/// rising from 0 to 1 over the run; of a classification the classes' probabilities are mixed, of a regression the maps.</summary>
/// <remarks>Clark et al., ACL 2019. Cross-entropy is linear in its target, so that of a classification is the mix of
/// two. A direction's teacher is scaled to unit length first, as its truth is. Places without a truth stay without.
/// It replaces the loss: in a list it stands first.</remarks>
[Strategy("bam", Title = "Born-again multi-task", Family = StrategyFamily.Distillation, Paper = "Clark et al., ACL 2019")]
public sealed class Bam(BamOptions options) : ObjectiveStrategy
{
    public override StrategyRequirements Requirements => StrategyRequirements.Teachers | StrategyRequirements.OriginalLosses
        | (options.TeacherMode == TeacherMode.Train ? StrategyRequirements.TeachersInTrainMode : StrategyRequirements.None);

    public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) =>
        [.. losses.Select((loss, task) => Annealed(step, task, loss, step.Progress))];

    /// <summary>The loss against λ · truth + (1 − λ) · teacher.</summary>
    private Tensor Annealed(ITrainingStep step, int task, Tensor loss, double lambda)
    {
        var teacher = step.TeacherPrediction(task);
        return step.Tasks[task].Kind switch
        {
            TaskKind.Classification => lambda * loss + (1 - lambda) * step.SoftLoss(task, teacher.softmax(1)),
            TaskKind.Directions => step.SoftLoss(task, lambda * step.Target(task).to(teacher.dtype) + (1 - lambda) * UnitLength(teacher)),
            _ => step.SoftLoss(task, lambda * step.Target(task).to(teacher.dtype) + (1 - lambda) * teacher),
        };
    }

    private static Tensor UnitLength(Tensor vectors) => vectors * vectors.square().sum(1, keepdim: true).clamp(min: 1e-12).rsqrt();
}

public sealed record BamOptions
{
    [Description("eval: teachers' learnt batch norm; train: each batch's own statistics (the authors' teachers predict in eval mode)")]
    public TeacherMode TeacherMode { get; init; }
}
