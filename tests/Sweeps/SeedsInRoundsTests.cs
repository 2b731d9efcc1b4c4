using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Host.Sweeps.Workers;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Sweeps;

public sealed class SeedsInRoundsTests : IDisposable
{
    private static readonly string[] _rows = ["uniform", "better", "same", "noisy", "fails", "endless"];
    private static readonly DecisionRule _rule = new("uniform", 1, new SeedRounds(3, 9));

    private readonly TemporaryFolder _folder = new();
    private readonly List<int> _rounds = [];
    private readonly List<string> _told = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_that_are_decided_or_failed_get_no_more_seeds()
    {
        var records = Make(Sweep());
        SeedsOf(records, "better").ShouldBe(3);
        SeedsOf(records, "same").ShouldBe(3);
        SeedsOf(records, "fails").ShouldBe(3);
        SeedsOf(records, "noisy").ShouldBeInRange(4, 8);
        SeedsOf(records, "endless").ShouldBe(9);
        SeedsOf(records, "uniform").ShouldBe(9);
        SeedsOf(records, "single-task").ShouldBe(3);
        _told[0].ShouldBe("Seed 4 of at most 9, for 2 rows that are not decided: noisy, endless");
        _told[^1].ShouldBe("Seed 9 of at most 9, for 1 row that is not decided: endless");
        _rounds[0].ShouldBe((6 + 2) * 3);
        _rounds.Skip(1).ShouldAllBe(runs => runs == 2 || runs == 3);

        var rows = Leaderboard.Build("", records, _rule).Groups[0].Rows.ToDictionary(row => row.Strategy);
        rows["endless"].DeltaTask!.Seeds.ShouldBe(3);
        rows["endless"].Verdict!.Seeds.ShouldBe(9);
        rows["uniform"].Seeds.ShouldBe(3);
        rows["noisy"].Verdict!.Seeds.ShouldBe(SeedsOf(records, "noisy"));
    }

    [Fact]
    public void What_is_asked_for_follows_from_the_records_in_any_order_and_from_any_part_of_them()
    {
        var all = Make(Sweep());
        var ids = Ids(all);
        SeedsInRounds.By(Sweep(), [.. all.Reverse()]).Select(run => run.Id).Order(StringComparer.Ordinal).ShouldBe(ids);
        foreach (var part in new[] { 0, 10, 24, 30 })
        {
            var records = all.Take(part).ToList();
            while (SeedsInRounds.By(Sweep(), records).Where(run => records.All(record => record.Id != run.Id)).ToList() is { Count: > 0 } missing)
                records.AddRange(missing.Select(Record));
            Ids(records).ShouldBe(ids);
        }
    }

    [Fact]
    public void Runs_of_before_that_decide_nothing_now_are_not_asked_for()
    {
        var extra = Record(Sweep().Runs.Single(run => run.StrategyLabel == "better" && run.Seed == 4));
        SeedsInRounds.By(Sweep(), [.. Make(Sweep()), extra]).ShouldNotContain(run => run.Id == extra.Id);
    }

    [Fact]
    public void What_is_compared_with_stored_results_has_their_seeds_and_no_rounds()
    {
        var all = Make(Sweep());
        var asStored = SeedsInRounds.AsStored(Sweep(), all);
        asStored.Rule.Rounds.ShouldBeNull();
        asStored.Runs.Select(run => run.Id).Order(StringComparer.Ordinal).ShouldBe(Ids(all));
    }

    [Fact]
    public void A_fixed_number_of_seeds_is_one_round()
    {
        Make(Sweep() with { Rule = DecisionRule.Default }).Count.ShouldBe((6 + 2) * 9);
        _rounds.Count.ShouldBe(1);
        _told.ShouldBeEmpty();
    }

    private Sweep Sweep()
    {
        var single = new[] { "one", "two" }.SelectMany(task => Enumerable.Range(1, 9).Select(seed => Tiny.Spec(seed, singleTask: task)));
        var rows = _rows.SelectMany(row => Enumerable.Range(1, 9).Select(seed => Tiny.Spec(seed) with { Strategies = [Tiny.Component(row, typeof(Tiny.Sum))] }));
        return new Sweep("s", _folder.Path, "", [.. single, .. rows]) { Rule = _rule };
    }

    /// <summary>Round after round, as a supervisor does.</summary>
    private IReadOnlyList<RunRecord> Make(Sweep sweep)
    {
        var asked = new AskedRuns(sweep);
        var store = new RunStore(_folder.Path);
        for (var round = asked.Runs; round.Count > 0; round = asked.Next(asked.Runs.Select(run => run.Id)))
        {
            if (_rounds.Count > 0)
                _told.Add(asked.About(round));
            _rounds.Add(round.Count);
            foreach (var run in round)
                store.Write(Record(run));
        }

        return [.. asked.Runs.Select(Record)];
    }

    private static IEnumerable<string> Ids(IEnumerable<RunRecord> records) => records.Select(record => record.Id).Order(StringComparer.Ordinal);

    private static int SeedsOf(IEnumerable<RunRecord> records, string strategy) => records.Where(record => record.Strategy == strategy).Select(record => record.Seed).Distinct().Count();

    /// <summary>Errors around 1 that follow from row and seed: one percent is one point.</summary>
    private static RunRecord Record(RunSpec run)
    {
        double[] wave = [0.3, -0.4, 0.1, 0.2, -0.3, 0.1, 0.35, -0.2, -0.1];
        var error = run.StrategyLabel switch
        {
            "better" => 0.9 + (0.001 * wave[run.Seed - 1]),
            "same" => 1 + (0.001 * wave[run.Seed - 1]),
            "noisy" => 1 + (0.015 * wave[run.Seed - 1]),
            "endless" => 1 + wave[run.Seed - 1],
            _ => 1,
        };
        TaskMetric[] metrics = [.. new[] { "one", "two" }.Where(task => run.SingleTask is null || run.SingleTask == task).Select(task => new TaskMetric(task, new Metric("error", "", HigherIsBetter: false)))];
        var fails = run.StrategyLabel == "fails" && run.Seed == 2;
        return new RunRecord
        {
            Id = run.Id, SpecSha256 = run.Sha256, Benchmark = run.Benchmark.Label, Model = run.Model.Label, Strategy = run.StrategyLabel, SingleTask = run.SingleTask, Seed = run.Seed,
            Status = fails ? RunStatus.Failed : RunStatus.Done, Settings = run.Settings, Provenance = new Dictionary<string, string>(), Metrics = metrics,
            Test = fails ? new Dictionary<string, double>() : metrics.ToDictionary(metric => metric.Key, _ => error),
            Cost = new RunCost(),
        };
    }
}
