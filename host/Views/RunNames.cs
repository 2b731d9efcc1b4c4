using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Views;

/// <summary>What a sweep's runs are called while they are made: no more than tells them apart.</summary>
internal sealed class RunNames
{
    private readonly IReadOnlyList<Component> _benchmarks;
    private readonly IReadOnlyList<Component> _models;

    public RunNames(Sweep sweep)
        : this([.. sweep.Runs, .. sweep.Tuned.Concat(sweep.TunedSingleTask).SelectMany(strategy => strategy.Trials)])
    {
    }

    public RunNames(IReadOnlyList<RunSpec> runs)
    {
        _benchmarks = [.. runs.Select(run => run.Benchmark).DistinctBy(benchmark => benchmark.Label)];
        _models = [.. runs.Select(run => run.Model).DistinctBy(model => model.Label)];
    }

    /// <summary><c>scenes uniform, seed 1</c>; where the sweep has variants, <c>scenes(noise=0.1) mtan uniform, seed 1</c>.</summary>
    public string Of(RunSpec run)
    {
        var model = _models.Count > 1 ? Short(run.Model, _models) + " " : "";
        return $"{Short(run.Benchmark, _benchmarks)} {model}{run.StrategyLabel}{(run.SingleTask is null ? "" : " " + run.SingleTask)}, seed {run.Seed}";
    }

    public string Resumed(RunSpec run, double epochs) => $"{Of(run)}: goes on {(epochs == Math.Floor(epochs) ? "after" : "in")} epoch {Math.Ceiling(epochs)}/{run.Training.Epochs}";

    /// <summary>The id, with those options that are not the same in all of its variants.</summary>
    private static string Short(Component component, IReadOnlyList<Component> all)
    {
        var variants = all.Where(other => other.Entry.Id == component.Entry.Id).ToList();
        var options = component.Settings.Where(option => variants.Exists(other => other.Settings.GetValueOrDefault(option.Key) != option.Value));
        var shown = string.Join(' ', options.Select(option => $"{option.Key}={option.Value}"));
        return shown.Length == 0 ? component.Entry.Id : $"{component.Entry.Id}({shown})";
    }
}
