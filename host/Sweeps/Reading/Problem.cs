using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps.Reading;

/// <summary>A benchmark of the sweep with its tasks.</summary>
internal sealed record Problem(Component Benchmark, IReadOnlyList<LearningTask> Tasks)
{
    /// <summary>The tasks to learn alone; objectives of a toy problem share one point and have no such run.</summary>
    public IReadOnlyList<LearningTask> Baselines => Tasks.All(task => task.Kind == TaskKind.Objective) ? [] : Tasks;
}
