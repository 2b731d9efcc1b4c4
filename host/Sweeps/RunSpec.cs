using System.Runtime.CompilerServices;
using KdMtlBench.Contracts;

namespace KdMtlBench.Host.Sweeps;

/// <summary>A benchmark, model or strategy of a sweep with its options bound.</summary>
/// <param name="Entry">What it is.</param>
/// <param name="Options">Its options record; null where it takes none.</param>
/// <param name="Label">The id and the options that differ from their defaults: <c>dwa(temperature=1)</c>.</param>
/// <param name="Settings">Every option in full, kebab-case key to invariant text, sorted by key.</param>
public sealed record Component(CatalogEntry Entry, object? Options, string Label, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>Of <see cref="BenchmarkHostOptions.Tasks"/> in a sweep.</summary>
    public const string TasksKey = "tasks";

    private readonly Lazy<Strategy> _strategy = new(() => (Strategy)Entry.Create(Options));

    /// <summary>Where it was read from, as it goes before a message: <c>sweep.yaml:3: </c>; empty where it was not read.</summary>
    public string Origin { get; init; } = "";

    /// <summary>Strategies only: what the host does beside them.</summary>
    public HostOptions HostOptions { get; init; } = new();

    /// <summary>Benchmarks only: what the host does to their data.</summary>
    public BenchmarkHostOptions BenchmarkHostOptions { get; init; } = new();

    /// <summary>Strategies only: an instance that is asked what it requires and is never run.</summary>
    public Strategy Strategy => _strategy.Value;

    public T Create<T>() => (T)Entry.Create(Options);

    /// <summary>Benchmarks only: makes it, with what the host does to its data.</summary>
    public IBenchmark CreateBenchmark()
    {
        var benchmark = Create<IBenchmark>();
        if (BenchmarkHostOptions.HideLabels > 0)
            benchmark = new FewerLabels(benchmark, BenchmarkHostOptions.HideLabels);
        return BenchmarkHostOptions.Tasks is { } tasks ? new FewerTasks(benchmark, tasks) : benchmark;
    }

    /// <summary>Benchmarks only: the label without the choice of tasks.</summary>
    public string AllTasksLabel { get; init; } = Label;

    /// <summary>Benchmarks only: the same with all its tasks, whose single-task runs every choice of tasks shares.</summary>
    public Component WithAllTasks() => BenchmarkHostOptions.Tasks is null ? this : this with
    {
        Label = AllTasksLabel,
        Settings = Settings.Where(setting => setting.Key != TasksKey).ToDictionary(StringComparer.Ordinal),
        BenchmarkHostOptions = BenchmarkHostOptions with { Tasks = null },
    };
}

/// <summary>A whole sweep, read, checked and expanded.</summary>
/// <param name="Name">The name of its folder.</param>
/// <param name="Folder">The output folder: where runs and leaderboard go.</param>
/// <param name="Title">One line for the leaderboard's head; may be empty.</param>
/// <param name="Runs">Baselines first, each benchmark and model together.</param>
public sealed record Sweep(string Name, string Folder, string Title, IReadOnlyList<RunSpec> Runs)
{
    /// <summary>Strategies whose options trials choose before these runs start.</summary>
    public IReadOnlyList<TunedStrategy> Tuned { get; init; } = [];

    /// <summary>The sweep file; empty where it was not read from one.</summary>
    public string File { get; init; } = "";

    /// <summary>As a sweep file, with what the command line has put into it.</summary>
    public string Text { get; init; } = "";

    /// <summary>What is worth saying before the runs start, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

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
    // Beside the record, since its copies are other runs and its fields enter its equality.
    private static readonly ConditionalWeakTable<RunSpec, RunIdentity> s_identities = [];

    /// <summary>How the strategies' options were chosen; null where they stand in the sweep.</summary>
    public Tuning? Tuning { get; init; }

    /// <summary>Where the strategies were read from, as it goes before a message: <c>sweep.yaml:9: </c>.</summary>
    public string? Origin { get; init; }

    /// <summary>What the strategies require of their run.</summary>
    public StrategyRequirements Requirements => Identity.Requirements;

    /// <summary>How the leaderboard calls it.</summary>
    public string StrategyLabel => Tuning is not null ? Tuning.RowLabel : SingleTask is null ? string.Join(" + ", Strategies.Select(s => s.Label)) : "single-task";

    /// <summary>Every setting in full, sorted by key.</summary>
    public IReadOnlyDictionary<string, string> Settings => Identity.Settings;

    /// <summary>SHA-256 of <see cref="Settings"/>, lower-case hex.</summary>
    public string Sha256 => Identity.Sha256;

    /// <summary>The run's folder: readable, and unique by a piece of the hash.</summary>
    public string Id => Identity.Id;

    private RunIdentity Identity => s_identities.GetValue(this, run => new RunIdentity(run));
}
