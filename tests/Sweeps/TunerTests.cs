using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Sweeps;

public class TunerTests
{
    private static readonly Tuning _tuning = new("weighted", 3, "random", [11, 12]);
    private static readonly IReadOnlyList<RunSpec> _trials = [.. new[] { "weighted(a)", "weighted(b)", "weighted(c)" }.Select(Trial)];
    private static readonly Sweep _sweep = new("s", "nowhere", "", [Tiny.Spec()]) { Tuned = [new TunedStrategy(_tuning, _trials, [1, 2])] };

    [Fact]
    public void The_setting_with_the_smallest_mean_validation_error_is_run_on_the_fresh_seeds()
    {
        // The second setting has the best single seed, the third the best mean.
        var runs = Tuner.Choose(_sweep, Records((0.4, 0.4), (0.7, 0.1), (0.6, 0.6))).Runs;
        runs[0].ShouldBe(_sweep.Runs[0]);
        runs.Skip(1).Select(run => (run.Seed, run.Strategies[0].Label)).ShouldBe([(1, "weighted(c)"), (2, "weighted(c)")]);
        runs[1].StrategyLabel.ShouldBe("weighted (tuned: 3 trials)");
        runs[1].Settings["tuning.budget"].ShouldBe("3");
        runs[1].Settings["tuning.seeds"].ShouldBe("11|12");
        runs[1].Sha256.ShouldNotBe((_trials[2] with { Seed = 1 }).Sha256);
    }

    [Fact]
    public void A_setting_that_failed_on_a_seed_is_not_taken() =>
        Chosen(Records((0.4, 0.4), (0.5, 0.5), (0.9, null))).ShouldBe("weighted(b)");

    [Fact]
    public void Of_equals_the_first_is_taken_and_so_where_all_failed()
    {
        Chosen(Records((0.5, 0.5), (0.5, 0.5), (0.1, 0.1))).ShouldBe("weighted(a)");
        Chosen(Records((null, null), (null, null), (null, null))).ShouldBe("weighted(a)");
    }

    [Fact]
    public void Test_scores_have_no_say() =>
        Chosen([.. Records((0.4, 0.4), (0.5, 0.5), (0.3, 0.3)).Select((record, i) => record with { Test = new Dictionary<string, double> { ["t.m"] = i < 2 ? 1 : 0 } })]).ShouldBe("weighted(b)");

    [Fact]
    public void Trials_that_learn_from_others_bring_their_teachers()
    {
        var distilled = _trials[0] with { Strategies = [Tiny.Strategy<KdMtlBench.Plugins.KdAdaptor>(new KdMtlBench.Plugins.KdAdaptorOptions())] };
        var trials = Tuner.Trials(_sweep with { Tuned = [new TunedStrategy(_tuning, [distilled], [1, 2])] });
        trials.Runs.Count(run => run.SingleTask is not null).ShouldBe(3 * 2);
        trials.Runs.Select(run => run.Seed).Distinct().ShouldBe([11, 12]);
        trials.Folder.ShouldBe(Path.Combine("nowhere", "tuning"));
    }

    [Fact]
    public void Single_task_runs_are_tuned_first_and_what_is_chosen_teaches_trials_and_results()
    {
        var distilled = _trials[0] with { Strategies = [Tiny.Strategy<KdMtlBench.Plugins.KdAdaptor>(new KdMtlBench.Plugins.KdAdaptorOptions())] };
        var alone = new[] { "segmentation", "depth", "normals" }.Select(task =>
            new TunedStrategy(_tuning with { Label = "single-task" }, [.. new[] { 0.01, 0.1 }.Select(rate => Alone(task, rate))], [1, 2])).ToList();
        var sweep = _sweep with { Runs = [Tiny.Spec()], Tuned = [new TunedStrategy(_tuning, [distilled], [1, 2])], TunedSingleTask = alone };

        var first = Tuner.Trials(sweep);
        first.Runs.Select(run => (run.SingleTask, run.Training.LearningRate, run.Seed)).ShouldBe(
            from task in new[] { "segmentation", "depth", "normals" } from rate in new[] { 0.01, 0.1 } from seed in new[] { 11, 12 } select ((string?)task, rate, seed));
        first.RunsFollow.ShouldBeTrue();
        // Of depth the larger rate does better, of the others the smaller.
        var chosen = Tuner.Choose(sweep, [.. first.Runs.Select(run => Record(run, run.SingleTask == "depth" ? run.Training.LearningRate : 1 - run.Training.LearningRate))]);
        var second = Tuner.Trials(chosen);
        second.Runs.Take(first.Runs.Count).Select(run => run.Id).ShouldBe(first.Runs.Select(run => run.Id), "their networks are the trials' teachers");
        second.Runs.Count.ShouldBe(first.Runs.Count + 2);
        var trial = second.Runs[^1];
        trial.SingleTaskRun("depth").Training.LearningRate.ShouldBe(0.1);
        trial.SingleTaskRun("normals").Training.LearningRate.ShouldBe(0.01);
        first.Runs.ShouldContain(run => run.Id == trial.SingleTaskRun("depth").Id);

        var results = Tuner.Choose(chosen, []);
        Tuner.IsOpen(results).ShouldBeFalse();
        var baselines = results.Runs.Where(run => run.SingleTask is not null).ToList();
        baselines.Select(run => (run.SingleTask, run.Training.LearningRate, run.Seed)).ShouldBe(
            [("segmentation", 0.01, 1), ("segmentation", 0.01, 2), ("depth", 0.1, 1), ("depth", 0.1, 2), ("normals", 0.01, 1), ("normals", 0.01, 2)]);
        baselines.ShouldAllBe(run => run.Settings["tuning.budget"] == "3" && run.StrategyLabel == "single-task");
        results.Runs.Where(run => run.SingleTask is null).ShouldAllBe(run => baselines.Any(single => single.Id == run.SingleTaskRun("depth").Id && single.Seed == run.Seed));
    }

    private static RunSpec Alone(string task, double rate) => Tiny.Spec(singleTask: task, training: Tiny.Training with { LearningRate = rate }) with
    {
        TrainingSettings = new Dictionary<string, string> { ["learning-rate"] = $"{rate}" },
    };

    [Fact]
    public void The_note_states_the_budget_and_who_was_not_tuned()
    {
        var records = Records((0.4, 0.4), (0.7, 0.1), (0.6, 0.6));
        TuningNote.Of(records).ShouldBeEmpty();
        TuningNote.Of([records[0], records[1] with { Settings = Tuner.Choose(_sweep, records).Runs[1].Settings }]).ShouldHaveSingleItem().ShouldBe(
            "Tuned rows: 3 random settings each, on seed 11, 12, the one with the smallest validation error run again on the seeds of the results; all of them are in tuning.csv. Not tuned: weighted(a).");
    }

    private static string Chosen(IReadOnlyList<RunRecord> records) => Tuner.Choose(_sweep, records).Runs[^1].Strategies[0].Label;

    private static RunSpec Trial(string label) =>
        Tiny.Spec() with { Strategies = [Tiny.Component("weighted", typeof(Tiny.Sum)) with { Label = label, Settings = new Dictionary<string, string> { ["letter"] = label } }] };

    /// <summary>Records of each setting on both seeds: a validation score of which 1 is ideal, or a failure.</summary>
    private static List<RunRecord> Records(params (double? First, double? Second)[] scores) =>
        [.. scores.SelectMany((score, i) => new[] { Record(_trials[i] with { Seed = 11 }, score.First), Record(_trials[i] with { Seed = 12 }, score.Second) })];

    private static RunRecord Record(RunSpec run, double? score) => new()
    {
        Id = run.Id,
        SpecSha256 = run.Sha256,
        Benchmark = "b",
        Model = "m",
        Strategy = run.StrategyLabel,
        Seed = run.Seed,
        Status = score is null ? RunStatus.Failed : RunStatus.Done,
        Settings = run.Settings,
        Provenance = new Dictionary<string, string>(),
        Metrics = [new TaskMetric("t", new Metric("m", "%", HigherIsBetter: true))],
        Validation = score is null ? new Dictionary<string, double>() : new Dictionary<string, double> { ["t.m"] = score.Value },
        Cost = new RunCost(),
    };
}
