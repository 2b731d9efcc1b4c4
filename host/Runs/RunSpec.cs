using System.Runtime.CompilerServices;

namespace KdMtlBench.Host.Runs;

/// <summary>One run: all that determines its result.</summary>
/// <param name="Benchmark">Tasks and data.</param>
/// <param name="Model">The network.</param>
/// <param name="Training">How long, how fast.</param>
/// <param name="TrainingSettings">Every training option in full.</param>
/// <param name="Strategies">One, or a composition in order; empty for a baseline.</param>
/// <param name="SingleTask">The one task a baseline learns.</param>
/// <param name="Seed">Of initialisation, order of batches and the strategy's randomness.</param>
public sealed record RunSpec(
    Component Benchmark,
    Component Model,
    TrainingOptions Training,
    IReadOnlyDictionary<string, string> TrainingSettings,
    IReadOnlyList<Component> Strategies,
    string? SingleTask,
    int Seed)
{
    /// <summary>How the leaderboard calls the baselines.</summary>
    public const string SingleTaskLabel = "single-task";

    // Beside the record, since its copies are other runs and its fields enter its equality.
    private static readonly ConditionalWeakTable<RunSpec, RunIdentity> s_identities = [];

    /// <summary>How the strategies' options were chosen; null where they stand in the sweep.</summary>
    public Tuning? Tuning { get; init; }

    /// <summary>By task: how the single-task runs are trained that this run is compared with and may learn from. A task that is not here: as this run.</summary>
    public IReadOnlyDictionary<string, SingleTaskTraining> SingleTaskTraining { get; init; } = new Dictionary<string, SingleTaskTraining>();

    /// <summary>Where the strategies were read from, as it goes before a message: <c>sweep.yaml:9: </c>.</summary>
    public string? Origin { get; init; }

    /// <summary>What the strategies require of their run.</summary>
    public StrategyRequirements Requirements => Identity.Requirements;

    /// <summary>How the leaderboard calls it.</summary>
    public string StrategyLabel => SingleTask is not null ? SingleTaskLabel : Tuning is not null ? Tuning.RowLabel : LabelOf(Strategies);

    /// <summary>Every setting in full, sorted by key.</summary>
    public IReadOnlyDictionary<string, string> Settings => Identity.Settings;

    /// <summary>SHA-256 of <see cref="Settings"/>, lower-case hex.</summary>
    public string Sha256 => Identity.Sha256;

    /// <summary>The run's folder: readable, and unique by a piece of the hash.</summary>
    public string Id => Identity.Id;

    /// <summary>Of a composition that was not tuned.</summary>
    public static string LabelOf(IEnumerable<Component> strategies) => string.Join(" + ", strategies.Select(strategy => strategy.Label));

    /// <summary>The single-task run of the same sweep and seed.</summary>
    /// <param name="task">The id of one of the benchmark's tasks.</param>
    public RunSpec SingleTaskRun(string task)
    {
        var own = SingleTaskTraining.GetValueOrDefault(task) ?? new SingleTaskTraining(Training, TrainingSettings);
        return this with
        {
            Benchmark = Benchmark.WithAllTasks(),
            Training = own.Options,
            TrainingSettings = own.Settings,
            Tuning = own.Tuning?.Seeds.Contains(Seed) == true ? null : own.Tuning, // a run on these seeds is a trial
            Strategies = [],
            SingleTask = task,
            SingleTaskTraining = new Dictionary<string, SingleTaskTraining>(),
        };
    }

    private RunIdentity Identity => s_identities.GetValue(this, run => new RunIdentity(run));
}
