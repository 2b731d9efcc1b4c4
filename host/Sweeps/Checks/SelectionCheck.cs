using KdMtlBench.Host.Options;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Sweeps.Reading;

namespace KdMtlBench.Host.Sweeps.Checks;

/// <summary>Whether there is something that epochs and settings can be selected by.</summary>
internal static class SelectionCheck
{
    /// <summary>Notes each task whose metrics have no best value to measure a distance from, where the sweep selects anything.</summary>
    /// <param name="map">The sweep.</param>
    /// <param name="benchmark">For messages.</param>
    /// <param name="tasks">Of the benchmark.</param>
    /// <param name="training">Null where it is wrong, which has been noted.</param>
    /// <param name="mistakes">Where it is noted.</param>
    public static void Note(YamlMap map, string benchmark, IReadOnlyList<LearningTask> tasks, TrainingOptions? training, Mistakes mistakes)
    {
        var tuned = map.Find(SweepReader.Tune);
        if (tuned is not null && tasks.All(task => task.Kind == TaskKind.Objective))
            return; // the reader of `tune` has a sentence of its own
        var plateau = training?.Schedule == Schedule.Plateau;
        if ((tuned ?? (training?.Selection == Selection.Best || plateau ? map.Find("training") : null)) is not { } entry)
            return;
        var remedy = tuned is not null ? "its strategies cannot be tuned" : plateau ? "take another schedule than plateau" : "write `selection: last` under `training`";
        foreach (var task in ValidationError.Unselectable(tasks))
            mistakes.Add(entry.Key.Place, $"the task `{task}` of `{benchmark}` has no metric with a best value to select epochs or settings by; {remedy}");
    }
}
