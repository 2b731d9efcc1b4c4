using KdMtlBench.Host.Results.Regression;
using KdMtlBench.Host.Runs;
using Spectre.Console;
using static KdMtlBench.Tests.Results.InventedRecords;

namespace KdMtlBench.Tests.Results.Regression;

public class RegressionCheckTests
{
    private const double T2 = 4.302653; // Student's t, 2 degrees of freedom, two-sided 95 %
    private const double Tolerance = 0.05;
    private static readonly double UniformDeviation = Math.Sqrt(0.0037); // of miou 0.55, 0.45, 0.44 around 0.48

    private static readonly List<RunRecord> Stored = Sweep().ConvertAll(record => With(record, "device", "cpu"));

    [Fact]
    public void The_same_values_are_as_stored()
    {
        var report = Compare(Stored);

        report.ExitCode.ShouldBe(0);
        report.Runs.ShouldBe(15);
        report.Values.Count.ShouldBe(3 + (3 * 3)); // baselines have their own task's metrics only
        report.Values.ShouldAllBe(value => value.Allowed == null && value.Movement == Movement.Same);
        report.Changes.ShouldBeEmpty();
    }

    [Fact]
    public void On_the_same_machine_the_last_bit_counts()
    {
        var report = Compare(Shifted(Stored, "uniform", miou => miou == 0.45 ? Math.BitIncrement(miou) : miou));

        report.ExitCode.ShouldBe(1);
        var moved = report.Moved.ShouldHaveSingleItem();
        (moved.Strategy, moved.Metric, moved.Movement).ShouldBe(("uniform", Miou, Movement.Better));
    }

    [Theory]
    [InlineData("cpu-model", "6-1-1")]
    [InlineData("cpu-features", "48K 32K 1f3870be274f")]
    [InlineData("cpu", "Other")]
    [InlineData("torchsharp", "0.108.0")]
    [InlineData("device", "cuda:0")]
    public void On_another_machine_values_may_differ_as_far_as_new_seeds_would(string fact, string value)
    {
        List<RunRecord> Elsewhere(double shift) => Shifted(Stored, "uniform", miou => miou + shift).ConvertAll(record => With(record, fact, value));
        var allowed = (T2 * UniformDeviation * Math.Sqrt(2 / 3.0)) + (Tolerance * 0.48);

        Of(Compare(Elsewhere(0)), "uniform").Allowed!.Value.ShouldBe(allowed, 1e-6);
        Compare(Elsewhere(allowed - 1e-4)).ExitCode.ShouldBe(0);
        Of(Compare(Elsewhere(allowed + 1e-4)), "uniform").Movement.ShouldBe(Movement.Better);
        Of(Compare(Elsewhere(-allowed - 1e-4)), "uniform").Movement.ShouldBe(Movement.Worse);
        Compare(Elsewhere(allowed + 1e-4)).ExitCode.ShouldBe(1);
    }

    [Fact]
    public void Fewer_seeds_may_differ_further()
    {
        var elsewhere = Stored.ConvertAll(record => With(record, "cpu", "Other"));

        Of(Compare(elsewhere, new RunSelection([1], [])), "uniform").Allowed!.Value
            .ShouldBe((T2 * UniformDeviation * Math.Sqrt(4 / 3.0)) + (Tolerance * 0.55), 1e-6);
    }

    [Fact]
    public void A_gpu_never_gives_the_same_bits()
    {
        var stored = Stored.ConvertAll(record => With(record, "device", "cuda:0"));
        RegressionCheck.Compare(stored, stored, RunSelection.All, Tolerance).Values.ShouldAllBe(value => value.Allowed != null);
    }

    [Fact]
    public void Below_three_stored_seeds_a_tolerance_that_was_asked_for_is_the_limit()
    {
        var stored = Stored.Where(record => record.Seed < 3).ToList();
        RegressionReport Elsewhere(double factor) => RegressionCheck.Compare(
            stored, Shifted(stored, "uniform", miou => miou * factor).ConvertAll(record => With(record, "cpu", "Other")), RunSelection.All, Tolerance);

        Elsewhere(1.049).ExitCode.ShouldBe(0);
        Elsewhere(1.051).Moved.ShouldHaveSingleItem().Strategy.ShouldBe("uniform");
    }

    [Fact]
    public void Below_three_stored_seeds_and_elsewhere_there_is_nothing_to_judge_by()
    {
        var stored = Stored.Where(record => record.Seed < 3).ToList();
        var elsewhere = stored.ConvertAll(record => With(record, "cpu", "Other"));
        var report = RegressionCheck.Compare(stored, Shifted(elsewhere, "uniform", miou => miou * 2), RunSelection.All, tolerance: null);
        report.Values.ShouldAllBe(value => value.Movement == Movement.NotCompared);
        report.ExitCode.ShouldBe(3);
        RegressionCheck.Compare(stored, stored, RunSelection.All, tolerance: null).ExitCode.ShouldBe(0);

        // One strategy with seeds enough is compared, the others are not.
        var more = Stored.Where(record => record.Seed < 3 || record.Strategy == "uniform").ToList();
        var mixed = RegressionCheck.Compare(more, more.ConvertAll(record => With(record, "cpu", "Other")), RunSelection.All, tolerance: null);
        mixed.ExitCode.ShouldBe(0);
        mixed.Values.Where(value => value.Strategy == "uniform").ShouldAllBe(value => value.Movement == Movement.Same);
        mixed.NotCompared.ShouldBe(mixed.Values.Count(value => value.Strategy != "uniform"));
    }

    [Fact]
    public void Whether_anything_could_be_compared_is_known_before_a_run_is_made()
    {
        var stored = Stored.Where(record => record.Seed < 3).ToList();
        var elsewhere = new Dictionary<string, string>(stored[0].Provenance) { ["cpu"] = "Other" };
        RegressionCheck.CanCompare(stored, RunSelection.All, stored[0].Provenance).ShouldBeTrue();
        RegressionCheck.CanCompare(stored, RunSelection.All, elsewhere).ShouldBeFalse();
        RegressionCheck.CanCompare(Stored, RunSelection.All, elsewhere).ShouldBeTrue();
        RegressionCheck.CanCompare(Stored, new RunSelection([1], ["uniform"]), elsewhere).ShouldBeTrue(); // seeds not selected tell the scatter too
    }

    [Fact]
    public void What_is_no_number_any_more_is_worse()
    {
        var nowhere = Shifted(Stored, "uniform", _ => double.NaN);

        Of(Compare(nowhere), "uniform").Movement.ShouldBe(Movement.Worse);
        Of(RegressionCheck.Compare(nowhere, Stored, RunSelection.All, Tolerance), "uniform").Movement.ShouldBe(Movement.Better);
        RegressionCheck.Compare(nowhere, nowhere.ConvertAll(record => With(record, "cpu", "Other")), RunSelection.All, Tolerance).ExitCode.ShouldBe(0);
    }

    [Fact]
    public void A_run_that_fails_now_or_no_longer_fails_is_told()
    {
        var failing = Stored.ToList();
        failing[^1] = Failed(failing[^1], "out of memory");

        Compare(failing).Endings.ShouldBe(["pc-grad, seed 3, fails now: out of memory"]);
        Compare(failing).ExitCode.ShouldBe(1);
        RegressionCheck.Compare(failing, Stored, RunSelection.All, Tolerance).Endings.ShouldBe(["pc-grad, seed 3, no longer fails (it did: out of memory)"]);
        RegressionCheck.Compare(failing, failing, RunSelection.All, Tolerance).ExitCode.ShouldBe(0);
    }

    [Fact]
    public void Other_data_cannot_be_compared()
    {
        var report = Compare(Stored.ConvertAll(record => With(record, "data-sha256", new string('e', 64))));

        report.ExitCode.ShouldBe(2);
        report.Problems.ShouldBe(["other data of scenes: data-sha256 was 0123456789ab, is eeeeeeeeeeee"]);
        report.Values.ShouldBeEmpty();
    }

    [Fact]
    public void Other_settings_cannot_be_compared()
    {
        var report = Compare(Stored.ConvertAll(record => record.Strategy != "uniform" ? record : record with
        {
            Settings = new Dictionary<string, string>(record.Settings) { ["training.epochs"] = "21" },
        }));

        report.ExitCode.ShouldBe(2);
        report.Problems.ShouldBe(["other settings of uniform: training.epochs was 20, is 21"]);
    }

    [Fact]
    public void Runs_without_a_counterpart_cannot_be_compared()
    {
        var fewer = Stored.Where(record => record.Strategy != "pc-grad").ToList();

        Compare(fewer).Problems.ShouldBe(["3 stored runs have no candidate: scenes.segnet.pc-grad.s1, scenes.segnet.pc-grad.s2, scenes.segnet.pc-grad.s3"]);
        Compare(fewer).ExitCode.ShouldBe(2);
        RegressionCheck.Compare(fewer, Stored, RunSelection.All, Tolerance).Problems.ShouldHaveSingleItem().ShouldStartWith("3 runs of the candidate are not stored");
        Compare(fewer, new RunSelection([], ["uniform", "single-task"])).ExitCode.ShouldBe(0);
    }

    [Fact]
    public void A_selection_of_what_is_not_there_is_refused()
    {
        Should.Throw<InputException>(() => new RunSelection([], ["unifrom"]).RequireIn(Stored)).Message.ShouldContain("did you mean `uniform`?");
        Should.Throw<InputException>(() => new RunSelection([4], []).RequireIn(Stored)).Message.ShouldContain("there are 1, 2, 3");
        new RunSelection([2], ["single-task", "dwa(temperature=1)"]).RequireIn(Stored);
    }

    [Fact]
    public void What_changed_is_told_with_whose_it_is()
    {
        var now = Stored.ConvertAll(record => With(With(record, "host-sha256", "b"), "command", "kdmtl check"));
        now = now.ConvertAll(record => record.Strategy == "pc-grad" ? With(record, "plugin-sha256.pc-grad", "c") : record);

        Compare(now).Changes.Select(change => (change.Key, change.Stored, change.Candidate, change.Strategies.Count)).ShouldBe(
            [("plugin-sha256.pc-grad", null, "c", 1), ("host-sha256", null, "b", 5)]); // three strategies and two baselines
    }

    [Fact]
    public void The_findings_are_as_approved()
    {
        var now = Shifted(Stored, "pc-grad", miou => miou - 0.3).ConvertAll(record => With(With(record, "host-sha256", new string('b', 64)), "cpu-model", "6-207-2"));
        now = now.ConvertAll(record => With(record, "plugin-sha256." + record.Strategy, new string(record.Strategy == "pc-grad" ? 'c' : 'a', 64)));
        now[0] = Failed(now[0], "the loss of depth was NaN at step 12");
        var stored = Stored.ConvertAll(record => With(With(record, "host-sha256", new string('a', 64)), "plugin-sha256." + record.Strategy, new string('a', 64)));
        using var writer = new StringWriter { NewLine = "\n" };
        RegressionConsole.Write(RegressionCheck.Compare(stored, now, RunSelection.All, Tolerance), AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(writer),
        }));

        writer.ToString().ShouldMatchApproved(options => options.WithFileExtension(".verified.txt"));
    }

    private static RegressionReport Compare(IReadOnlyList<RunRecord> candidates, RunSelection? selection = null) =>
        RegressionCheck.Compare(Stored, candidates, selection ?? RunSelection.All, Tolerance);

    private static ComparedValue Of(RegressionReport report, string strategy) =>
        report.Values.Single(value => value.Strategy == strategy && value.Metric == Miou);

    private static List<RunRecord> Shifted(IEnumerable<RunRecord> records, string strategy, Func<double, double> miou) => [.. records.Select(record =>
        record.Strategy == strategy ? record with { Test = new Dictionary<string, double>(record.Test) { [Miou.Key] = miou(record.Test[Miou.Key]) } } : record)];

    private static RunRecord With(RunRecord record, string fact, string value) =>
        record with { Provenance = new Dictionary<string, string>(record.Provenance) { [fact] = value } };
}
