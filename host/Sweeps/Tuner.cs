using System.Globalization;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Training.Distillation;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Makes a sweep of the trials, and the sweep itself once they are over.</summary>
internal static class Tuner
{
    /// <summary>The trials as a sweep of its own in <c>tuning/</c>, with the single-task runs that they learn from.</summary>
    public static Sweep Trials(Sweep sweep)
    {
        var trials = sweep.Tuned.SelectMany(strategy => strategy.Trials.SelectMany(strategy.RunsOf)).ToList();
        var teachers = trials.Where(Teachers.NeededBy).SelectMany(run => Teachers.RunsFor(run, run.Benchmark.CreateBenchmark())).DistinctBy(run => run.Id);
        return new Sweep(sweep.Name, Path.Combine(sweep.Folder, SweepFolders.Tuning), sweep.Title, [.. teachers, .. trials]) { File = sweep.File };
    }

    /// <summary>The sweep with the results' runs of every tuned strategy, each with the setting whose validation error, averaged
    /// over the trials' seeds, is smallest; the first of equals. A setting of which a run failed is not taken.</summary>
    /// <param name="sweep">With strategies to be tuned.</param>
    /// <param name="records">Of the trials. Where there is none of a setting yet, it counts as failed.</param>
    public static Sweep Choose(Sweep sweep, IReadOnlyList<RunRecord> records)
    {
        var chosen = Scored(sweep, records).SelectMany(strategy => strategy.Strategy.Results(strategy.Best));
        return sweep with { Runs = [.. sweep.Runs, .. chosen], Tuned = [] };
    }

    /// <summary>Writes <c>tuning.csv</c>, every setting with its validation error and which was chosen, and tells of it.</summary>
    public static void Report(Sweep sweep, IReadOnlyList<RunRecord> records, ISweepObserver observer)
    {
        var scored = Scored(sweep, records).ToList();
        CsvFile.Write(
            Path.Combine(sweep.Folder, "tuning.csv"),
            ["benchmark", "model", "strategy", "trial", "setting", "validation_error", "chosen"],
            scored.SelectMany(strategy => strategy.Errors.Select((error, trial) =>
            {
                var run = strategy.Strategy.Trials[trial];
                return (IReadOnlyList<string>)
                [
                    run.Benchmark.Label, run.Model.Label, strategy.Strategy.Tuning.Label, (trial + 1).ToString(CultureInfo.InvariantCulture),
                    run.StrategyLabel, CsvFile.Text(error), run == strategy.Best ? "yes" : "",
                ];
            })));
        foreach (var (strategy, errors, best) in scored)
        {
            var failed = errors.Count(double.IsPositiveInfinity);
            observer.Message($"{best.Benchmark.Label}, {best.Model.Label}: of {errors.Count} settings of {strategy.Tuning.Label}, {best.StrategyLabel} does best on validation{(failed == 0 ? "" : $"; {failed} failed")}");
        }
    }

    private static IEnumerable<(TunedStrategy Strategy, IReadOnlyList<double> Errors, RunSpec Best)> Scored(Sweep sweep, IReadOnlyList<RunRecord> records)
    {
        var byId = records.ToDictionary(record => record.Id, StringComparer.Ordinal);
        foreach (var strategy in sweep.Tuned)
        {
            var errors = strategy.Trials.Select(trial => strategy.RunsOf(trial).Average(run => Error(byId.GetValueOrDefault(run.Id)))).ToList();
            yield return (strategy, errors, strategy.Trials[errors.IndexOf(errors.Min())]);
        }
    }

    private static double Error(RunRecord? record) =>
        record is { Status: RunStatus.Done } ? ValidationError.Of(record.Metrics, record.Validation) : double.PositiveInfinity;
}
