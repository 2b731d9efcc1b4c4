using System.Security.Cryptography;
using System.Text;

namespace KdMtlBench.Host.Sweeps;

/// <summary>A benchmark, model or strategy of a sweep with its options bound.</summary>
/// <param name="Entry">What it is.</param>
/// <param name="Options">Its options record; null where it takes none.</param>
/// <param name="Label">The id and the options that differ from their defaults: <c>dwa(temperature=1)</c>.</param>
/// <param name="Settings">Every option in full, kebab-case key to invariant text, sorted by key.</param>
public sealed record Component(CatalogEntry Entry, object? Options, string Label, IReadOnlyDictionary<string, string> Settings)
{
    public T Create<T>() => (T)Entry.Create(Options);
}

/// <summary>A whole sweep, read, checked and expanded.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="Folder">results/&lt;name&gt;.</param>
/// <param name="Title">One line for the leaderboard's head; may be empty.</param>
/// <param name="Runs">Baselines first, each benchmark and model together.</param>
public sealed record Sweep(string Name, string Folder, string Title, IReadOnlyList<RunSpec> Runs)
{
    /// <summary>Strategies whose options trials choose before these runs start.</summary>
    public IReadOnlyList<TunedStrategy> Tuned { get; init; } = [];

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
    /// <summary>How the strategies' options were chosen; null where they stand in the sweep.</summary>
    public Tuning? Tuning { get; init; }

    /// <summary>How the leaderboard calls it.</summary>
    public string StrategyLabel => Tuning is not null ? Tuning.RowLabel : SingleTask is null ? string.Join(" + ", Strategies.Select(s => s.Label)) : "single-task";

    /// <summary>Every setting in full, sorted by key.</summary>
    public IReadOnlyDictionary<string, string> Settings
    {
        get
        {
            var all = new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["benchmark"] = Benchmark.Entry.Id,
                ["model"] = Model.Entry.Id,
                ["strategy"] = SingleTask is null ? string.Join(" + ", Strategies.Select(s => s.Entry.Id)) : "single-task " + SingleTask,
                ["seed"] = Seed.ToString(),
            };
            Add("benchmark", Benchmark.Settings);
            Add("model", Model.Settings);
            Add("training", TrainingSettings);
            if (Training.Precision == Precision.Fp32)
                all.Remove("training.precision"); // runs of before there was a choice keep their ids
            Add("tuning", Tuning?.Settings ?? new Dictionary<string, string>(StringComparer.Ordinal));
            foreach (var strategy in Strategies)
                Add(strategy.Entry.Id, strategy.Settings);
            return all;

            void Add(string prefix, IReadOnlyDictionary<string, string> settings)
            {
                foreach (var (key, value) in settings)
                    all[$"{prefix}.{key}"] = value;
            }
        }
    }

    /// <summary>SHA-256 of <see cref="Settings"/>, lower-case hex.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Concat(Settings.Select(setting => $"{setting.Key}={setting.Value}\n")))));

    /// <summary>The run's folder: readable, and unique by a piece of the hash.</summary>
    public string Id
    {
        get
        {
            var strategy = SingleTask is null ? string.Join('+', Strategies.Select(s => s.Entry.Id)) : $"single-{SingleTask}";
            return $"{Benchmark.Entry.Id}.{Model.Entry.Id}.{strategy}.s{Seed}.{Sha256[..6]}";
        }
    }
}
