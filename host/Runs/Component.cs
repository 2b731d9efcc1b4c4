using KdMtlBench.Host.Components;
using KdMtlBench.Host.Options;

namespace KdMtlBench.Host.Runs;

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

    /// <summary>Strategies only: training options of its own over those of the sweep; null where it has none.</summary>
    public BoundOptions? Training { get; init; }

    /// <summary>Benchmarks only: what the host does to their data.</summary>
    public BenchmarkHostOptions BenchmarkHostOptions { get; init; } = new();

    /// <summary>Strategies only: an instance that is asked what it requires and is never run.</summary>
    public Strategy Strategy => _strategy.Value;

    public T Create<T>() => (T)Entry.Create(Options);

    /// <summary>Benchmarks only: makes it, with what the host does to its data.</summary>
    public IBenchmark CreateBenchmark()
    {
        var benchmark = Create<IBenchmark>();
        if (BenchmarkHostOptions.TrainShare < 1)
            benchmark = new FewerSamples(benchmark, BenchmarkHostOptions.TrainShare);
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
