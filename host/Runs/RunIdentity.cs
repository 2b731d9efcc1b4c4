using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KdMtlBench.Host.Options;

namespace KdMtlBench.Host.Runs;

/// <summary>What follows from a run's settings, computed once.</summary>
internal sealed class RunIdentity
{
    private static readonly string[] _laterKeys = ["accumulate", "precision", "patience", "initialisation", "weight-average"];
    private static readonly IReadOnlyList<(string Key, string Text)> _addedLater =
        [.. OptionsBinder.Describe(typeof(TrainingOptions)).Where(option => _laterKeys.Contains(option.Name)).Select(option => (option.Name, option.Default!))];

    public RunIdentity(RunSpec run)
    {
        Requirements = run.Strategies.Aggregate(StrategyRequirements.None, (all, component) => all | StrategyListRules.RequirementsOf(component.Strategy));
        Settings = SettingsOf(run, Requirements.HasFlag(StrategyRequirements.Teachers));
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes(string.Concat(Settings.Select(setting => $"{setting.Key}={setting.Value}\n")))));
        var strategy = run.SingleTask is null ? string.Join('+', run.Strategies.Select(s => s.Entry.Id)) : $"single-{run.SingleTask}";
        Id = $"{run.Benchmark.Entry.Id}.{run.Model.Entry.Id}.{strategy}.s{run.Seed}.{Sha256[..6]}";
    }

    public IReadOnlyDictionary<string, string> Settings { get; }

    public string Sha256 { get; }

    public string Id { get; }

    public StrategyRequirements Requirements { get; }

    private static SortedDictionary<string, string> SettingsOf(RunSpec run, bool hasTeachers)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["benchmark"] = run.Benchmark.Entry.Id,
            ["model"] = run.Model.Entry.Id,
            ["strategy"] = run.SingleTask is null ? string.Join(" + ", run.Strategies.Select(s => s.Entry.Id)) : "single-task " + run.SingleTask,
            ["seed"] = run.Seed.ToString(CultureInfo.InvariantCulture),
        };
        Add("benchmark", run.Benchmark.Settings);
        Add("model", run.Model.Settings);
        Add("training", run.TrainingSettings);
        foreach (var (key, text) in _addedLater)
            if (all.GetValueOrDefault($"training.{key}") == text)
                all.Remove($"training.{key}"); // runs of before there was a choice keep their ids
        if (run.Tuning is { } tuning)
            Add("tuning", tuning.Settings);
        if (hasTeachers)
            foreach (var (task, training) in run.SingleTaskTraining)
                Add($"teacher.{task}", training.Settings.Except(run.TrainingSettings).ToDictionary());
        foreach (var strategy in run.Strategies)
            Add(strategy.Entry.Id, strategy.Settings);
        return all;

        void Add(string prefix, IReadOnlyDictionary<string, string> settings)
        {
            foreach (var (key, value) in settings)
                all[$"{prefix}.{key}"] = value;
        }
    }
}
