using KdMtlBench.Host.Results.Comparisons;
using KdMtlBench.Host.Runs;
using static KdMtlBench.Tests.Results.InventedRecords;

namespace KdMtlBench.Tests.Results.Comparisons;

public class ComparisonTests
{
    [Fact]
    public void Values_are_those_worked_out_by_hand()
    {
        var comparison = Comparison.Of([Sweep("a", Group("one", ("uniform", [1, 2, 3]), ("x", [2, 4, 3]))), Sweep("b", Group("two", ("uniform", [0, 0, 0]), ("x", [0, -1, 1])))]);

        // One: 2 > 1, ties with 2; 4 beats all; 3 beats 1 and 2, ties with 3: 1.5 + 3 + 2.5 of 9. Two: 3 ties, 3 lost, 3 won: 4.5 of 9.
        var pair = comparison.Pairs.Single(pair => pair.Strategy == "x" && pair.Other == "uniform");
        pair.Groups.ShouldBe([0, 1]);
        pair.Probability.Value.ShouldBe(((7 / 9.0) + 0.5) / 2, 1e-9);
        var opposite = comparison.Pairs.Single(pair => pair.Strategy == "uniform" && pair.Other == "x").Probability;
        opposite.Value.ShouldBe(1 - pair.Probability.Value, 1e-9);
        opposite.Low!.Value.ShouldBe(1 - pair.Probability.High!.Value, 1e-9);
        opposite.High!.Value.ShouldBe(1 - pair.Probability.Low!.Value, 1e-9);

        var aggregate = comparison.Aggregates.ShouldHaveSingleItem();
        aggregate.Test.ShouldBeNull();
        var x = aggregate.Rows[0];
        x.Strategy.ShouldBe("x");
        x.InterquartileMean.Value.ShouldBe(1.5, 1e-9); // of -1, 0, 1, 2, 3, 4 without the ends
        x.Mean.Value.ShouldBe(1.5, 1e-9);
        x.MeanRank.Value.ShouldBe(1.25); // first, and tied
        x.ShareAtLeast(1 - 1e-9).ShouldBe((1 + (1 / 3.0)) / 2, 1e-9);
        aggregate.Rows[1].InterquartileMean.Value.ShouldBe(0.75, 1e-9); // 0, 0, 1, 2 of 0, 0, 0, 1, 2, 3
        aggregate.Rows[1].MeanRank.Value.ShouldBe(1.75);
    }

    [Fact]
    public void Strategies_are_condensed_over_the_groups_that_they_share()
    {
        var comparison = Comparison.Of(
        [
            Sweep("a", Group("one", ("uniform", [1, 2, 3]), ("x", [1, 2, 3]), ("y", [1, 2, 3]), ("z", [1, 2, 3]))),
            Sweep("b", Group("two", ("uniform", [1, 2, 3]), ("x", [1, 2, 3]), ("y", [1, 2, 3]))),
            Sweep("c", Group("three", ("uniform", [1, 2, 3]), ("x", [1, 2, 3]), ("z", [1, 2, 3]))),
            Sweep("d", Group("four", ("uniform", [1, 2, 3]), ("x", [1, 2, 3]))),
        ]);

        comparison.Aggregates.Select(aggregate => string.Join(' ', aggregate.Groups)).ShouldBe(["0 1 2 3", "0 1"]);
        comparison.Aggregates[0].Rows.Select(row => row.Strategy).ShouldBe(["uniform", "x"]);
        comparison.Aggregates[0].Test!.Probability.ShouldBeGreaterThan(0.99);
        comparison.Aggregates[1].Rows.Select(row => row.Strategy).ShouldBe(["uniform", "x", "y"]);
        comparison.Pairs.Single(pair => pair.Strategy == "y" && pair.Other == "z").Groups.ShouldBe([0]);
        comparison.Pairs.Single(pair => pair.Strategy == "z" && pair.Other == "uniform").Groups.ShouldBe([0, 2]);
        ComparisonText.Notes(comparison.Aggregates[1]).First().ShouldBe("Groups 1 and 2, 6 runs of each strategy.");
    }

    [Fact]
    public void Sweeps_with_single_task_runs_in_common_are_one_group_and_a_run_of_both_counts_once()
    {
        var (first, second) = (Group("one", ("uniform", [1, 2, 3]), ("x", [2, 3, 4])), Group("one", ("uniform", [1, 2, 3]), ("y", [0, 1, 2])));
        var comparison = Comparison.Of([Sweep("a", first), Sweep("b", second)]);
        var group = comparison.Groups.Groups.ShouldHaveSingleItem();
        group.Sweeps.ShouldBe(["a", "b"]);
        group.Values.Keys.ShouldBe(["uniform", "x", "y"]);
        group.Values["uniform"].Count.ShouldBe(3);

        // The same run came out otherwise: nothing of the two belongs together.
        var other = second.ConvertAll(record => record.Strategy == "uniform" && record.Seed == 3 ? record with { Test = new Dictionary<string, double> { [Miou.Key] = 0.9 } } : record);
        var apart = Comparison.Of([Sweep("a", first), Sweep("b", other)]).Groups;
        apart.Groups.Select(one => string.Join(' ', one.Values.Keys)).ShouldBe(["uniform x", "uniform y"]);
        apart.Notes.ShouldHaveSingleItem().ShouldStartWith("a and b ask for the same single-task runs, and some runs of theirs came out otherwise");
    }

    [Fact]
    public void What_cannot_be_compared_is_said()
    {
        var records = Group("one", ("uniform", [1, 2, 3]), ("x", [2, 3, 4]), ("late", [1, 1, 1]));
        records.RemoveAll(record => record.Strategy == "late" && record.Seed == 3);
        records.AddRange(Group("one", ("uniform", [0, 0, 0, 5])).Where(record => record.Seed == 4));
        var without = Group("two", ("uniform", [1, 2, 3]));
        without.RemoveAll(record => record.SingleTask is not null);

        var comparison = Comparison.Of([Sweep("a", records), Sweep("b", without)]);
        comparison.Groups.Notes.ShouldBe(
        [
            "Left out: one · segnet(width=0.25) (a): late, which lacks seed 3.",
            "Left out: one · segnet(width=0.25) (a): seed 4, which not all strategies have.",
            "Left out: two · segnet(width=0.25) (b): nothing has a finished run beside single-task runs of the same seed, so there is no Δ task.",
        ]);
        Should.Throw<InputException>(() => Comparison.Of([Sweep("b", without)])).Message.ShouldContain("two · segnet(width=0.25) (b): nothing has");
        Should.Throw<InputException>(() => Comparison.Of([Sweep("a", records)], strategies: ["unform"])).Message.ShouldBe("no sweep has results of `unform` that can be compared; did you mean `uniform`?");
    }

    [Fact]
    public void A_run_that_failed_is_worse_than_any_other()
    {
        var records = Group("one", ("uniform", [1, 2, 3]), ("x", [5, 5, 5]));
        var comparison = Comparison.Of([Sweep("a", records.ConvertAll(record => record.Strategy == "x" && record.Seed == 2 ? Failed(record, "it diverged") : record))]);
        comparison.Pairs.Single(pair => pair.Strategy == "x" && pair.Other == "uniform").Probability.Value.ShouldBe(6 / 9.0, 1e-9);
        var x = comparison.Aggregates.Single().Rows.Single(row => row.Strategy == "x");
        (x.Failed, x.InterquartileMean.Value).ShouldBe((1, double.NegativeInfinity));
        x.ShareAtLeast(-1000).ShouldBe(2 / 3.0, 1e-9);
        ComparisonMarkdown.Text(comparison).ShouldContain("failed");
    }

    [Fact]
    public void Whether_the_order_depends_on_the_model_is_told_where_a_benchmark_has_several()
    {
        var sweep = Sweep("a",
        [
            .. Group("one", ("uniform", [1, 2, 3]), ("x", [2, 3, 4.1]), ("y", [3, 4, 5])),
            .. Group("one", ("uniform", [3, 4, 5]), ("x", [2, 3, 4]), ("y", [1, 2, 3])).Select(record => record with { Id = "wide." + record.Id, Model = "segnet(width=1)" }),
        ]);
        var comparison = Comparison.Of([sweep]);
        var models = comparison.Models.ShouldHaveSingleItem();
        models.RankCorrelation.ShouldBe(-1, 1e-9);
        models.Interaction.Share.ShouldBeGreaterThan(0.99);
        models.Interaction.Probability!.Value.ShouldBeLessThan(0.001);
        ComparisonTables.Cells(comparison, models).Rows.Single(row => row[0].Text == "y").Select(cell => cell.Text).ShouldBe(["y", "+4.00 (1)", "+2.00 (3)"]);
        ComparisonText.Notes(comparison, models).First().ShouldContain("Spearman's rank correlation of the models' orders: -1.00.");
    }

    [Fact]
    public void The_files_are_the_same_bytes_again_and_for_any_order_of_the_records()
    {
        var records = Group("one", ("uniform", [1, 2, 3]), ("x", [2, 4, 3]), ("y", [0, 1, -4]));
        var (first, second) = (Comparison.Of([Sweep("a", records)]), Comparison.Of([Sweep("a", [.. records.AsEnumerable().Reverse()])]));
        using var folder = new Support.TemporaryFolder();
        foreach (var (comparison, name) in new[] { (first, "first"), (second, "second") })
            ComparisonCsv.Write(comparison, folder.File(name));
        File.ReadAllText(folder.File("first")).ShouldBe(File.ReadAllText(folder.File("second")));
        ComparisonMarkdown.Text(first).ShouldBe(ComparisonMarkdown.Text(second));
    }

    internal static ComparedSweep Sweep(string name, IReadOnlyList<RunRecord> records) => new(name, "invented", DecisionRule.Default, records);

    /// <summary>One task with one metric, whose single-task value is 0.5 in every seed: Δ task is what is given.</summary>
    internal static List<RunRecord> Group(string benchmark, params (string Strategy, double[] Deltas)[] rows) =>
    [
        .. Enumerable.Range(1, rows.Max(row => row.Deltas.Length)).Select(seed => Segmentation(seed, 0.5)).Select(record => OneMetric(record, benchmark, 0.5)),
        .. rows.SelectMany(row => row.Deltas.Select((delta, i) => OneMetric(MultiTask(row.Strategy, i + 1, 0, 0, 0), benchmark, 0.5 * (1 + (delta / 100))))),
    ];

    private static RunRecord OneMetric(RunRecord record, string benchmark, double value) => record with
    {
        Id = $"{benchmark}.{record.Id}",
        Benchmark = benchmark,
        Metrics = [Miou],
        Test = new Dictionary<string, double> { [Miou.Key] = value },
    };
}
