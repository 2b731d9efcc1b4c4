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
        row.TiedWithBest.ShouldBeNull();
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

        // Seed 1: miou +10, accuracy 0, depth +50; seed 2: −10, 0, 0; seed 3: +10, 0, −50.
        row.DeltaTaskBySeed.Keys.ShouldBe([1, 2, 3]);
        row.DeltaTaskBySeed.Values.ShouldBe([27.5, -2.5, -22.5], 1e-9);
        row.DeltaTask!.Mean.ShouldBe(2.5 / 3, 1e-9);
        row.DeltaTask.Ci95!.Value.ShouldBe(Math.Sqrt(1900 / 3.0) * T2OverRoot3, 1e-4);
        row.DeltaMetric!.Mean.ShouldBe((20 - (10 / 3.0) - (40 / 3.0)) / 3, 1e-9);
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
    public void What_a_paired_test_cannot_tell_from_the_best_is_tied()
    {
        var sweep = Sweep();
        Row(sweep, "dwa(temperature=1)").TiedWithBest.ShouldBe(true);
        Row(sweep, "uniform").TiedWithBest.ShouldBe(true); // differences 2.5, 32.5, 52.5: p = 0.18
        Row(sweep, "pc-grad").TiedWithBest.ShouldBe(false); // 47.5 at every seed
    }

    [Fact]
    public void Ties_are_corrected_for_the_number_of_comparisons()
    {
        // Depth errors that put delta_task 10, 11 and 15 below dwa's: t = 12 / (√7 / √3), p = 1 − t / √(2 + t²) = 0.0158.
        RunRecord Behind(string strategy, int seed, double miou, double difference) => MultiTask(strategy, seed, miou, 0.8, 0.1 + (0.4 * difference / 100));
        List<RunRecord> Three(string strategy) => [Behind(strategy, 1, 0.6, 10), Behind(strategy, 2, 0.6, 11), Behind(strategy, 3, 0.48, 15)];
        List<RunRecord> records = [.. Sweep().Where(record => record.Strategy is "single-task" or "dwa(temperature=1)")];

        Row([.. records, .. Three("a")], "a").TiedWithBest.ShouldBe(false);
        Row([.. records, .. Three("a"), .. Three("b"), .. Three("c"), .. Three("d")], "a").TiedWithBest.ShouldBe(true); // 4 · 0.0158 ≥ 0.05
    }

    [Fact]
    public void Rows_are_compared_with_uniform_and_with_the_best_seed_by_seed()
    {
        var sweep = Sweep();

        // Δ task of uniform is 27.5, −2.5, −22.5, of dwa 30 and of pc-grad −17.5 at every seed.
        var dwa = Row(sweep, "dwa(temperature=1)");
        dwa.ToBest.ShouldBeNull();
        dwa.ToUniform!.Difference.Mean.ShouldBe(87.5 / 3, 1e-9);
        dwa.ToUniform.Difference.Ci95!.Value.ShouldBe(Math.Sqrt(1900 / 3.0) * T2OverRoot3, 1e-4);
        var uniform = Row(sweep, "uniform");
        uniform.ToUniform.ShouldBeNull();
        uniform.ToBest!.Difference.Mean.ShouldBe(-87.5 / 3, 1e-9);
        Row(sweep, "single-task").ToUniform.ShouldBeNull();

        // In closed form, 2 degrees of freedom: p = 1 − t / √(2 + t²). Holm's two comparisons: the smaller p twice, and no smaller for the other.
        double P(double mean) => 1 - (mean / Math.Sqrt(1900 / 9.0) is var t ? t / Math.Sqrt(2 + (t * t)) : 0);
        dwa.ToUniform.Probability!.Value.ShouldBe(2 * P(87.5 / 3), 1e-9);
        Row(sweep, "pc-grad").ToUniform!.Probability!.Value.ShouldBe(Math.Max(2 * P(87.5 / 3), P(55 / 3.0)), 1e-9);
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
        row.TiedWithBest.ShouldBeNull();
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
        Row(records, "uniform").DeltaTask!.Mean.ShouldBe(2.5, 1e-9);
        Row(records, "single-task").Seeds.ShouldBe(2);
        Group(records).Notes.ShouldContain("Left out of Δ for want of a finished single-task run of every task: seed 2.");
    }

    [Fact]
    public void Without_baselines_there_are_no_deltas_and_a_note()
    {
        var group = Group([.. Sweep().Where(record => record.SingleTask is null)]);

        group.Rows.ShouldAllBe(row => row.DeltaTask == null && row.DeltaMetric == null && row.TiedWithBest == null);
        group.Rows.Select(row => row.Strategy).ShouldBe(["dwa(temperature=1)", "uniform", "pc-grad"]); // by rank
        group.Notes.ShouldContain(note => note.StartsWith("No seed has a single-task run of every task"));
    }

    [Fact]
    public void A_single_seed_has_no_interval_and_no_test()
    {
        var group = Group([.. Sweep().Where(record => record.Seed == 1)]);

        group.Rows.ShouldAllBe(row => row.Seeds == 1 && row.TiedWithBest == null);
        group.Ranking.Test.ShouldBeNull();
        LeaderboardTable.Tests(group)!.Rows.Select(row => row[^1].Text).ShouldAllBe(place => place == "n = 1");
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
        row.TiedWithBest.ShouldBeNull();
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

    private static LeaderboardGroup Group(IReadOnlyList<RunRecord> records) => Leaderboard.Build("", records).Groups.ShouldHaveSingleItem();

    private static LeaderboardRow Row(IReadOnlyList<RunRecord> records, string strategy) => Group(records).Rows.Single(row => row.Strategy == strategy);
}
