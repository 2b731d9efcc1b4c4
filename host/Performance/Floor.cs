namespace KdMtlBench.Host.Performance;

/// <summary>What a strategy that looks at every task's gradient cannot do without: one backward pass a task, through its
/// head and the trunk, into a row of its own. Nothing is solved and nothing is combined.</summary>
internal sealed class Floor : GradientStrategy
{
    public override void Combine(ITrainingStep step, TaskGradients gradients) => gradients.ApplyDirection(gradients.Rows[0], gradients.Rows.select(1, 0));
}
