using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using static KdMtlBench.Tests.Results.InventedRecords;

namespace KdMtlBench.Tests.Results.Leaderboards;

public class LeaderboardTests
{
    private const double T2OverRoot3 = 4.302653 / 1.7320508; // half width of three values, in standard deviations

    [Fact]
    public void Rows_stand_with_single_task_first_then_by_delta_task() =>
        Group(Sweep()).Rows.Select(row => row.Strategy).ShouldBe(["single-task", "dwa(temperature=1)", "uniform", "pc-grad"]);

    [Fact]
    public void Single_task_row_puts_the_runs_of_a_seed_together()
    {
        var row = Row(Sweep(), "single-task");

        row.Seeds.ShouldBe(3);
        row.Metrics[Miou.Key].Mean.ShouldBe(1.4 / 3, 1e-12);
        row.Metrics[Miou.Key].Ci95!.Value.ShouldBe(0.1 / Math.Sqrt(3) * T2OverRoot3, 1e-6); // deviation of 0.5, 0.5, 0.4
        row.Metrics[AbsoluteError.Key].Mean.ShouldBe(0.2, 1e-12);
        row.StepMilliseconds.ShouldBe(12); // 8 for segmentation, 4 for depth
        row.StepRatio!.Value.ShouldBe(12 / 20.0);
        row.BackwardPasses.ShouldBe(2);
        row.TrainSeconds.ShouldBe(400); // 2 · (100 + 200 + 300) / 3
        row.PeakMebibytes.ShouldBe(503);
        row.DeltaTask.ShouldBeNull();
        row.Rank.ShouldBeNull();
        row.MayBeBest.ShouldBeNull();
    }

    [Fact]
    public void Metrics_are_means_over_seeds()
    {
        var row = Row(Sweep(), "uniform");

        (row.Seeds, row.Failed).ShouldBe((3, 0));
        row.Metrics[Miou.Key].Mean.ShouldBe(0.48, 1e-12);
        row.Metrics[AbsoluteError.Key].Ci95!.Value.ShouldBe(0.1 * T2OverRoot3, 1e-6);
    }

    [Fact]
    public void Deltas_are_taken_within_a_seed()
    {
        var row = Row(Sweep(), "uniform");

        double[] changes = [Delta(0.05, 0.1), Delta(-0.05, 0), Delta(0.04, -0.1)];
        row.DeltaTaskBySeed.Keys.ShouldBe([1, 2, 3]);
        row.DeltaTaskBySeed.Values.ShouldBe(changes, 1e-9);
        row.DeltaTask!.Mean.ShouldBe(Delta(0.04 / 3, 0), 1e-9); // of the means: 0.48 and 1.4 / 3, 0.2 and 0.2
        row.DeltaTask.Ci95!.Value.ShouldBe(Statistics.StandardDeviation(changes) * T2OverRoot3, 1e-4);
        row.DeltaMetric!.Mean.ShouldBe(100 * 0.04 / 3 / (1.4 / 3) / 3, 1e-9);
    }

    [Fact]
    public void Rank_is_the_mean_over_metrics_with_ties_shared()
    {
        var sweep = Sweep();
        Row(sweep, "dwa(temperature=1)").Rank!.Value.ShouldBe((1 + 2 + 1) / 3.0, 1e-12);
        Row(sweep, "uniform").Rank!.Value.ShouldBe(2, 1e-12);
        Row(sweep, "pc-grad").Rank!.Value.ShouldBe((3 + 2 + 3) / 3.0, 1e-12);
    }

    [Fact]
    public void What_no_other_row_beats_may_be_the_best()
    {
        var sweep = Sweep();
        Row(sweep, "dwa(temperature=1)").MayBeBest.ShouldBe(true);
        Row(sweep, "uniform").MayBeBest.ShouldBe(true); // behind dwa by 2.7, 33.0 and 52.1: one-sided p = 0.09
        Row(sweep, "pc-grad").MayBeBest.ShouldBe(false); // by 48.2, 48.2 and 46.1
        Row(sweep, "single-task").MayBeBest.ShouldBeNull();
    }

    [Fact]
    public void The_reference_is_the_rows_that_the_sweep_names_and_all_others_are_one_family()
    {
        var group = Group(Sweep());
        (group.Family.Rule.Reference, group.Family.Rows).ShouldBe(("uniform", 2));
        var dwa = Row(Sweep(), "dwa(temperature=1)").Verdict!;
        double[] differences = [Delta(0.05, 0), Delta(0.15, 0.1), Delta(0.04, 0.2)];
        dwa.Difference.ShouldBe(differences.Average(), 1e-9);
        dwa.HalfWidth!.Value.ShouldBe(6.205347 / Math.Sqrt(3) * Statistics.StandardDeviation(differences), 1e-4); // t, 2 degrees of freedom, 5 % over two rows
        (dwa.Seeds, dwa.At(1)).ShouldBe((3, Decision.Undecided));
        Row(Sweep(), "uniform").Verdict.ShouldBeNull();
        Row(Sweep(), "single-task").Verdict.ShouldBeNull();

        var other = Leaderboard.Build("", Sweep(), new DecisionRule("pc-grad", 1)).Groups[0];
        other.Rows.Single(row => row.Strategy == "dwa(temperature=1)").Verdict!.At(1).ShouldBe(Decision.Better);
        var single = Leaderboard.Build("", Sweep(), new DecisionRule("single-task", 1)).Groups[0];
        single.Family.Rows.ShouldBe(3);
        foreach (var row in single.Rows.Where(row => row.Strategy != "single-task"))
            row.Verdict!.Difference.ShouldBe(row.DeltaTask!.Mean, 1e-9);
    }

    [Fact]
    public void Without_the_reference_there_are_no_verdicts_and_a_note()
    {
        var group = Leaderboard.Build("", Sweep(), new DecisionRule("mgda", 1)).Groups[0];
        group.Rows.ShouldAllBe(row => row.Verdict == null);
        group.Notes.ShouldContain("No finished run of the reference row `mgda`: no verdicts.");
        VerdictText.Sentences(group).ShouldBeEmpty();
    }

    [Fact]
    public void A_seed_without_single_task_runs_still_enters_the_verdict()
    {
        var records = Sweep();
        records.RemoveAll(record => record.SingleTask == "depth" && record.Seed == 3);
        var row = Row(records, "dwa(temperature=1)");
        (row.DeltaTask!.Seeds, row.Verdict!.Seeds).ShouldBe((2, 3));
    }

    [Fact]
    public void Strategies_are_ranked_within_each_seed_and_tested_by_friedman()
    {
        var ranking = Group(Sweep()).Ranking;

        (ranking.Groups, ranking.Blocks).ShouldBe((1, 3));
        ranking.Ranks.Select(rank => rank.Strategy).ShouldBe(["dwa(temperature=1)", "uniform", "pc-grad"]);
        ranking.Ranks.Select(rank => rank.MeanRank).ShouldBe([1, 7 / 3.0, 8 / 3.0], 1e-12); // at seed 3 pc-grad is before uniform
        ranking.Test!.ChiSquare.ShouldBe(14 / 3.0, 1e-12); // 12 · 3 / (3 · 4) · (1 + 1/9 + 4/9)
        ranking.Ranks.ShouldAllBe(rank => rank.TiedWithBest); // the critical difference is 1.91
    }

    [Fact]
    public void Beyond_the_critical_difference_nothing_is_tied()
    {
        List<RunRecord> records = [.. Enumerable.Range(1, 9).SelectMany(seed => new[]
        {
            Segmentation(seed, 0.5), Depth(seed), MultiTask("a", seed, 0.6, 0.8, 0.1), MultiTask("b", seed, 0.5, 0.8, 0.1), MultiTask("c", seed, 0.4, 0.8, 0.1),
        })];
        var ranking = Group(records).Ranking;

        ranking.Test!.CriticalDifference.ShouldBe(2.3437 * Math.Sqrt(12 / 54.0), 1e-4); // 1.105
        ranking.Ranks.Select(rank => rank.TiedWithBest).ShouldBe([true, true, false]);
    }

    [Fact]
    public void Where_friedman_finds_no_difference_everything_is_tied()
    {
        List<RunRecord> records = [.. Enumerable.Range(1, 4).SelectMany(seed => new[]
        {
            Segmentation(seed, 0.5), Depth(seed), MultiTask("a", seed, 0.6, 0.8, 0.1), MultiTask("b", seed, 0.5, 0.8, 0.1),
        })];
        var ranking = Group(records).Ranking;

        ranking.Test!.Probability.ShouldBe(1 / 8.0, 1e-15); // one order of two in three seeds
        ranking.Test.CriticalDifference.ShouldBe(1.959964 / 2, 1e-6); // which 2 − 1 exceeds: Nemenyi alone would see a difference
        ranking.Ranks.ShouldAllBe(rank => rank.TiedWithBest);
    }

    [Fact]
    public void A_strategy_that_lacks_a_block_is_left_out_of_the_ranking()
    {
        var records = Sweep();
        records[^1] = Failed(records[^1], "out of memory");
        var ranking = Group(records).Ranking;

        ranking.LeftOut.ShouldBe(["pc-grad"]);
        ranking.Ranks.Select(rank => rank.Strategy).ShouldBe(["dwa(temperature=1)", "uniform"]);
    }

    [Fact]
    public void Blocks_of_all_benchmarks_are_ranked_together()
    {
        var sweep = Sweep();
        var digits = sweep.ConvertAll(record => record with { Id = "digits." + record.Id, Benchmark = "digits" });
        var leaderboard = Leaderboard.Build("", [.. sweep, .. digits]);
        var alone = Group(sweep).Ranking;

        Leaderboard.Build("", sweep).Ranking.ShouldBeNull();
        (leaderboard.Ranking!.Groups, leaderboard.Ranking.Blocks).ShouldBe((2, 6));
        leaderboard.Ranking.Ranks.Select(rank => rank.MeanRank).ShouldBe(alone.Ranks.Select(rank => rank.MeanRank));
        leaderboard.Ranking.Test!.ChiSquare.ShouldBe(2 * alone.Test!.ChiSquare, 1e-12);
        leaderboard.Groups.ShouldAllBe(group => group.Ranking.Blocks == 3);
    }

    [Fact]
    public void Costs_are_condensed_over_seeds()
    {
        var row = Row(Sweep(), "pc-grad");

        row.StepMilliseconds.ShouldBe(50);
        row.StepRatio.ShouldBe(2.5); // the median of uniform is 20
        row.BackwardPasses.ShouldBe(2);
        row.PeakMebibytes.ShouldBe(503);
        row.TrainSeconds.ShouldBe(200);
        row.TeacherSeconds.ShouldBe(30);
        row.SolverFailures.ShouldBe(1 + 2 + 3);
    }

    [Fact]
    public void A_failed_run_is_counted_listed_and_left_out()
    {
        var records = Sweep();
        records[^1] = Failed(records[^1], "the loss of depth was NaN at step 12");
        var group = Group(records);
        var row = Row(records, "pc-grad");

        (row.Seeds, row.Failed).ShouldBe((2, 1));
        row.Metrics[Miou.Key].ShouldBe(new Estimate(0.4, null, 2));
        row.MayBeBest.ShouldBeNull();
        row.SolverFailures.ShouldBe(6);
        group.Failures.ShouldBe([new FailedRun(records[^1].Id, "pc-grad", 3, "the loss of depth was NaN at step 12")]);
        group.Notes.ShouldContain("Fewer than 3 seeds finished, so no intervals and no tests: pc-grad.");
    }

    [Fact]
    public void A_strategy_whose_runs_all_failed_keeps_its_row()
    {
        var row = Row([.. Sweep().Select(record => record.Strategy == "pc-grad" ? Failed(record, "out of memory") : record)], "pc-grad");

        (row.Seeds, row.Failed).ShouldBe((0, 3));
        row.Metrics.ShouldBeEmpty();
        (row.DeltaTask, row.Rank, row.StepMilliseconds).ShouldBe((null, null, null));
    }

    [Fact]
    public void A_seed_without_the_baseline_of_every_task_has_no_delta()
    {
        var records = Sweep();
        records.RemoveAll(record => record.SingleTask == "depth" && record.Seed == 2);

        Row(records, "uniform").DeltaTaskBySeed.Keys.ShouldBe([1, 3]);
        Row(records, "uniform").DeltaTask!.Mean.ShouldBe(100 * (0.05 + 0.04) / 2 / 0.45 / 4, 1e-9); // the denominators are of seeds 1 and 3
        Row(records, "single-task").Seeds.ShouldBe(2);
        Group(records).Notes.ShouldContain("Left out of Δ for want of a finished single-task run of every task: seed 2.");
    }

    [Fact]
    public void Without_baselines_there_are_no_deltas_and_a_note()
    {
        var group = Group([.. Sweep().Where(record => record.SingleTask is null)]);

        group.Rows.ShouldAllBe(row => row.DeltaTask == null && row.DeltaMetric == null && row.MayBeBest == null);
        group.Rows.Select(row => row.Strategy).ShouldBe(["dwa(temperature=1)", "uniform", "pc-grad"]); // by rank
        group.Notes.ShouldContain(note => note.StartsWith("No seed has a single-task run of every task"));
    }

    [Fact]
    public void A_single_seed_has_no_interval_and_no_test()
    {
        var group = Group([.. Sweep().Where(record => record.Seed == 1)]);

        group.Rows.ShouldAllBe(row => row.Seeds == 1 && row.MayBeBest == null);
        group.Ranking.Test.ShouldBeNull();
        LeaderboardTable.Verdicts(group)!.Rows.Select(row => row[^1].Text).ShouldAllBe(place => place == "n = 1");
        LeaderboardTable.Quality(group).Rows[1][1].Text.ShouldBe("+30.00 (n = 1)");
        group.Rows.SelectMany(row => row.Metrics.Values).ShouldAllBe(estimate => estimate.Ci95 == null);
        group.Notes.ShouldContain("1 seed: no intervals and no tests (they take 3).");
    }

    [Fact]
    public void A_nan_is_shown_and_ranks_last()
    {
        var records = Sweep();
        var index = records.FindIndex(record => record.Strategy == "dwa(temperature=1)");
        records[index] = MultiTask("dwa(temperature=1)", 1, double.NaN, 0.8, 0.1);
        var row = Row(records, "dwa(temperature=1)");

        row.Metrics[Miou.Key].Mean.ShouldBe(double.NaN);
        row.DeltaTask!.Mean.ShouldBe(double.NaN);
        row.Rank!.Value.ShouldBe((3 + 2 + 1) / 3.0, 1e-12);
        row.MayBeBest.ShouldBeNull();
        Group(records).Rows[^1].Strategy.ShouldBe(row.Strategy);
        Group(records).Notes.ShouldContain(note => note.StartsWith("NaN"));
    }

    [Fact]
    public void Step_ratios_are_empty_without_a_uniform_row() =>
        Group([.. Sweep().Where(record => record.Strategy != "uniform")]).Rows.ShouldAllBe(row => row.StepRatio == null);

    [Fact]
    public void Two_records_for_the_same_strategy_and_seed_are_refused()
    {
        var stale = Sweep()[^1] with { Id = "scenes.segnet.pc-grad.s3.old" };
        Should.Throw<InputException>(() => Leaderboard.Build("", [.. Sweep(), stale])).Message.ShouldContain(stale.Id);
    }

    [Fact]
    public void What_is_constant_and_where_runs_differ_is_told()
    {
        var records = Sweep();
        records[0] = records[0] with { Provenance = new Dictionary<string, string>(records[0].Provenance) { ["cpu"] = "Other" } };
        var leaderboard = Leaderboard.Build("", records);

        leaderboard.Constants.ShouldContainKeyAndValue("training.epochs", "20");
        leaderboard.Constants.ShouldContainKeyAndValue("seeds", "1, 2, 3");
        leaderboard.Constants.ShouldContainKeyAndValue("data-sha256", "0123456789ab");
        leaderboard.Constants.Keys.ShouldNotContain("cpu");
        leaderboard.Constants.Keys.ShouldNotContain("strategy");
        leaderboard.Groups[0].Notes.ShouldBe(["Not the same in all runs: cpu (Invented 9000; Other)."]);
    }

    [Fact]
    public void What_differs_between_benchmarks_is_told_with_each_and_no_cause_for_a_warning()
    {
        var digits = Sweep().ConvertAll(record => record with
        {
            Id = "digits." + record.Id,
            Benchmark = "digits",
            Provenance = new Dictionary<string, string>(record.Provenance) { ["data-sha256"] = new string('d', 64) },
        });
        var leaderboard = Leaderboard.Build("", [.. Sweep(), .. digits]);

        leaderboard.Constants.Keys.ShouldContain("cpu");
        leaderboard.Constants.Keys.ShouldNotContain("data-sha256");
        leaderboard.Groups.Select(group => group.Constants).ShouldBe(
            [new Dictionary<string, string> { ["data-sha256"] = "dddddddddddd" }, new Dictionary<string, string> { ["data-sha256"] = "0123456789ab" }]);
        leaderboard.Groups.ShouldAllBe(group => group.Notes.Count == 0);
    }

    [Fact]
    public void A_plugins_hash_is_told_where_all_its_runs_have_the_same()
    {
        RunRecord With(RunRecord record, string hash) => record with
        {
            Provenance = new Dictionary<string, string>(record.Provenance) { ["plugin-sha256." + record.Strategy] = hash, ["command"] = "kdmtl run " + record.Seed },
        };
        var records = Sweep().ConvertAll(record => record.SingleTask is not null ? record : With(record, record.Strategy == "uniform" ? "aa" : $"b{record.Seed}"));
        records.RemoveAll(record => record.Strategy == "dwa(temperature=1)");
        var leaderboard = Leaderboard.Build("", records);

        leaderboard.Constants.ShouldContainKeyAndValue("plugin-sha256.uniform", "aa");
        leaderboard.Constants.Keys.ShouldNotContain("plugin-sha256.pc-grad");
        leaderboard.Groups[0].Notes.ShouldBe(["Not the same in all runs: plugin-sha256.pc-grad (b1; b2; b3)."]);
    }

    /// <summary>Δ task of what a run gains on single-task in miou and in depth, in the metrics' units; single-task means are 1.4 / 3 and 0.2.</summary>
    private static double Delta(double miou, double depth) => ((miou / (1.4 / 3) / 2) + (depth / 0.2)) * 50;

    private static LeaderboardGroup Group(IReadOnlyList<RunRecord> records) => Leaderboard.Build("", records).Groups.ShouldHaveSingleItem();

    private static LeaderboardRow Row(IReadOnlyList<RunRecord> records, string strategy) => Group(records).Rows.Single(row => row.Strategy == strategy);
}
