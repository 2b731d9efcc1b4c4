using KdMtlBench.Host.Options;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps.Reading;

/// <summary>Makes the runs of one benchmark with one model.</summary>
/// <param name="problem">The benchmark.</param>
/// <param name="model">The network.</param>
/// <param name="training">Of every run that says nothing else.</param>
/// <param name="singleTask">Of the single-task runs; <paramref name="training"/> itself where the sweep says nothing else.</param>
internal sealed class RunExpansion(Problem problem, Component model, BoundOptions training, BoundOptions singleTask)
{
    private const int MaxIdLength = 200;

    /// <summary>One run of every task and seed.</summary>
    public IEnumerable<RunSpec> Baselines(IReadOnlyList<int> seeds) =>
        problem.Baselines.SelectMany(task => seeds.Select(seed => SingleTask(task, singleTask, seed)));

    /// <summary>A single-task run with training options of its own.</summary>
    public RunSpec SingleTask(LearningTask task, BoundOptions trained, int seed) =>
        Run([], trained, task.Id, seed) with { Benchmark = problem.Benchmark.WithAllTasks() };

    /// <summary>The run of a list of strategies.</summary>
    /// <param name="strategies">In order.</param>
    /// <param name="seed">Of everything random.</param>
    /// <param name="origin">Where they stand in the file, as it goes before a message.</param>
    public RunSpec Of(IReadOnlyList<Component> strategies, int seed, string origin)
    {
        var own = strategies.Select(strategy => strategy.Training).OfType<BoundOptions>().SingleOrDefault() ?? training;
        var run = Run(strategies, own, null, seed) with { Origin = origin };
        if (own == singleTask)
            return run;
        var alone = new SingleTaskTraining((TrainingOptions)singleTask.Options!, singleTask.Settings);
        return run with { SingleTaskTraining = problem.Baselines.ToDictionary(task => task.Id, _ => alone) };
    }

    private RunSpec Run(IReadOnlyList<Component> strategies, BoundOptions trained, string? task, int seed) =>
        new(problem.Benchmark, model, (TrainingOptions)trained.Options!, trained.Settings, strategies, task, seed);

    /// <summary>Single-task runs that several choices of tasks share stand once.</summary>
    public static IEnumerable<RunSpec> Distinct(IEnumerable<RunSpec> runs)
    {
        var single = new HashSet<string>(StringComparer.Ordinal);
        return runs.Where(run => run.SingleTask is null || single.Add(run.Sha256));
    }

    /// <summary>Refuses runs whose folders would have the same name, or a name that is none.</summary>
    public static void CheckIds(IEnumerable<RunSpec> runs, string file)
    {
        foreach (var group in runs.GroupBy(run => run.Id))
        {
            if (!IsFolderName(group.Key))
                throw new InputException($"{file}: the run {Wording.Quote(group.Key)} cannot be a folder's name; ids are lower-case words of a-z, 0-9 and -, "
                    + $"and all together at most {MaxIdLength} characters.");
            if (group.Count() > 1)
                throw new InputException($"{file}: {group.Count()} runs of this sweep have the same id {Wording.Quote(group.Key)}; split the sweep in two.");
        }
    }

    private static bool IsFolderName(string id) =>
        id.Length <= MaxIdLength && id[0] != '.' && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || ".+-".Contains(c));
}
