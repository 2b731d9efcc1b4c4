using System.Globalization;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Training.Distillation;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Makes a sweep of the trials, and the sweep itself once they are over.</summary>
internal static class Tuner
{
    /// <summary>Whether there is something left to choose.</summary>
    public static bool IsOpen(Sweep sweep) => Next(sweep).Count > 0;

    /// <summary>The next trials as a sweep of its own in <c>tuning/</c>: first those of the single-task runs, then, with the single-task networks that
    /// they learn from, those of the strategies.</summary>
    public static Sweep Trials(Sweep sweep)
    {
        var single = sweep.TunedSingleTask.SelectMany(strategy => strategy.Trials.SelectMany(strategy.RunsOf));
        var trials = Next(sweep).SelectMany(strategy => strategy.Trials.SelectMany(strategy.RunsOf));
        var teachers = trials.Where(Teachers.NeededBy).SelectMany(run => Teachers.RunsFor(run, run.Benchmark.CreateBenchmark()));
        return new Sweep(sweep.Name, Path.Combine(sweep.Folder, SweepFolders.Tuning), sweep.Title, [.. single.Concat(teachers).Concat(trials).DistinctBy(run => run.Id)])
        {
            File = sweep.File,
            RunsFollow = Next(sweep) != sweep.Tuned,
        };
    }

    /// <summary>The sweep with the results' runs of all that the last trials were of, each with the setting whose validation error, averaged
    /// over the trials' seeds, is smallest; the first of equals. A setting of which a run failed is not taken.</summary>
    /// <param name="sweep">With strategies to be tuned.</param>
    /// <param name="records">Of the trials. Where there is none of a setting yet, it counts as failed.</param>
    public static Sweep Choose(Sweep sweep, IReadOnlyList<RunRecord> records)
    {
        var scored = Scored(sweep, records).ToList();
        var chosen = scored.SelectMany(strategy => strategy.Strategy.Results(strategy.Best));
        if (sweep.SingleTaskChosen || sweep.TunedSingleTask.Count == 0)
            return sweep with { Runs = [.. sweep.Runs, .. chosen], Tuned = [], SingleTaskChosen = true };
        return sweep with
        {
            Runs = [.. chosen, .. sweep.Runs.Select(ComparedWithChosen)],
            Tuned = [.. sweep.Tuned.Select(strategy => strategy with { Trials = [.. strategy.Trials.Select(ComparedWithChosen)] })],
            SingleTaskChosen = true,
        };

        RunSpec ComparedWithChosen(RunSpec run) => run with
        {
            SingleTaskTraining = scored.Where(task => IsSingleTaskOf(task.Best, run)).ToDictionary(
                task => task.Best.SingleTask!, task => new SingleTaskTraining(task.Best.Training, task.Best.TrainingSettings, task.Strategy.Tuning)),
        };
    }

    private static bool IsSingleTaskOf(RunSpec single, RunSpec run) =>
        single.Benchmark.Label == run.Benchmark.AllTasksLabel && single.Model.Label == run.Model.Label
        && run.Benchmark.BenchmarkHostOptions.Tasks?.Contains(single.SingleTask!) != false;

    /// <summary>The trials that come first, round by round, and the sweep that follows.</summary>
    /// <param name="sweep">As it was read.</param>
    /// <param name="records">Of a round of trials.</param>
    public static IEnumerable<Sweep> Rounds(Sweep sweep, Func<Sweep, IReadOnlyList<RunRecord>> records)
    {
        while (IsOpen(sweep))
        {
            var trials = Trials(sweep);
            yield return trials;
            sweep = Choose(sweep, records(trials));
        }

        yield return sweep;
    }

    /// <summary>What the next trials are of.</summary>
    private static IReadOnlyList<TunedStrategy> Next(Sweep sweep) => sweep.SingleTaskChosen || sweep.TunedSingleTask.Count == 0 ? sweep.Tuned : sweep.TunedSingleTask;

    private static IEnumerable<(TunedStrategy Strategy, IReadOnlyList<double> Errors, RunSpec Best)> Scored(Sweep sweep, IReadOnlyList<RunRecord> records)
    {
        var byId = records.ToDictionary(record => record.Id, StringComparer.Ordinal);
        foreach (var strategy in Next(sweep))
        {
            var errors = strategy.Trials.Select(trial => strategy.RunsOf(trial).Average(run => Error(byId.GetValueOrDefault(run.Id)))).ToList();
            yield return (strategy, errors, strategy.Trials[errors.IndexOf(errors.Min())]);
        }
    }

    /// <summary>The rows of <c>tuning.csv</c> of the last trials: every setting with its validation error and whether it was chosen; and tells of it.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Report(Sweep sweep, IReadOnlyList<RunRecord> records, ISweepObserver observer)
    {
        var scored = Scored(sweep, records).ToList();
        foreach (var (strategy, errors, best) in scored)
        {
            var failed = errors.Count(double.IsPositiveInfinity);
            observer.Message($"{best.Benchmark.Label}, {best.Model.Label}: of {errors.Count} settings of {Name(strategy, best)}, {Setting(strategy, best)} does best on validation"
                + (failed == 0 ? "" : $"; {failed} failed"));
        }

        return [.. scored.SelectMany(strategy => strategy.Errors.Select((error, trial) =>
        {
            var run = strategy.Strategy.Trials[trial];
            return (IReadOnlyList<string>)
            [
                run.Benchmark.Label, run.Model.Label, Name(strategy.Strategy, run), (trial + 1).ToString(CultureInfo.InvariantCulture),
                Setting(strategy.Strategy, run), CsvFile.Text(error), run == strategy.Best ? "yes" : "",
            ];
        }))];
    }

    /// <summary>Writes <c>tuning.csv</c>.</summary>
    public static void Write(Sweep sweep, IEnumerable<IReadOnlyList<string>> rows) => CsvFile.Write(
        Path.Combine(sweep.Folder, "tuning.csv"), ["benchmark", "model", "strategy", "trial", "setting", "validation_error", "chosen"], rows);

    private static string Name(TunedStrategy strategy, RunSpec run) => run.SingleTask is null ? strategy.Tuning.Label : $"{strategy.Tuning.Label} {run.SingleTask}";

    /// <summary>What tells a trial from the others: the strategies with their options, or the training options of a single-task run.</summary>
    private static string Setting(TunedStrategy strategy, RunSpec run) => run.SingleTask is null
        ? run.StrategyLabel
        : string.Join(' ', run.TrainingSettings.Where(option => strategy.Trials.Any(other => other.TrainingSettings[option.Key] != option.Value))
            .Select(option => $"{option.Key}={option.Value}"));

    private static double Error(RunRecord? record) =>
        record is { Status: RunStatus.Done } ? ValidationError.Of(record.Metrics, record.Validation) : double.PositiveInfinity;
}
