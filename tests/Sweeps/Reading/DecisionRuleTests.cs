using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Sweeps.Reading;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Sweeps.Reading;

public sealed class DecisionRuleTests : IDisposable
{
    private const string Valid = """
        title: Which one?
        benchmark: scenes
        model: segnet
        training: {epochs: 1, batch-size: 8, learning-rate: 0.1}
        seeds: 3
        strategies: [uniform, {dwa: {temperature: [1, 2]}}, [kd-adaptor, pc-grad]]

        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "uniform", 1)]
    [InlineData("margin: 0.3", "uniform", 0.3)]
    [InlineData("reference: dwa(temperature=1)", "dwa(temperature=1)", 1)]
    [InlineData("reference: kd-adaptor + pc-grad\nmargin: 2", "kd-adaptor + pc-grad", 2)]
    [InlineData("reference: single-task", "single-task", 1)]
    public void A_sweep_names_reference_and_margin(string lines, string reference, double margin)
    {
        Read(lines).Rule.ShouldBe(new DecisionRule(reference, margin));
        SweepHead.Read(_folder.File("sweep.yaml")).ShouldBe(new SweepHead("Which one?", new DecisionRule(reference, margin)));
    }

    [Theory]
    [InlineData("margin: 0", "7: `margin` is a number of points of Δ task above 0, at most 100, not `0`")]
    [InlineData("margin: [1, 2]", "7: `margin` is a number of points of Δ task above 0, at most 100, not a list")]
    [InlineData("margin: NaN", "7: `margin` is a number of points of Δ task above 0, at most 100, not `NaN`")]
    [InlineData("reference: dwa(temperature=3)", "7: the reference is a row of this sweep, and there is no `dwa(temperature=3)` "
        + "(rows: single-task, uniform, dwa(temperature=1), dwa, kd-adaptor + pc-grad); did you mean `dwa(temperature=1)`?")]
    [InlineData("reference: {dwa: 1}", "7: `reference` is the label of a row, as the leaderboard has it: uniform, or dwa(temperature=1), not a mapping with the key `dwa`")]
    public void What_is_wrong_is_said_with_its_line(string line, string message) =>
        Should.Throw<InputException>(() => Read(line)).Message.ShouldBe($"{_folder.File("sweep.yaml")}:{message}");

    [Fact]
    public void Seeds_can_come_in_rounds()
    {
        var sweep = Read("", Valid.Replace("seeds: 3", "seeds: {from: 5, to: 8, margin: 0.3}"));
        sweep.Rule.ShouldBe(new DecisionRule("uniform", 0.3, new SeedRounds(5, 8)));
        sweep.Runs.Select(run => run.Seed).Distinct().ShouldBe(Enumerable.Range(1, 8));
        sweep.Warnings.ShouldBeEmpty();
        Read("margin: 2", Valid.Replace("seeds: 3", "seeds: {from: 5, to: 8}")).Rule.Margin.ShouldBe(2);
    }

    [Theory]
    [InlineData("{from: 2, to: 8}", "5: `from` of `seeds` is a number of seeds from 3 to 100, not `2`; as in seeds: {from: 5, to: 30, margin: 0.3}")]
    [InlineData("{from: 5}", "5: `to` of `seeds` is a number of seeds from 3 to 100; as in seeds: {from: 5, to: 30, margin: 0.3}")]
    [InlineData("{from: 5, to: 4}", "5: `to` is 4, and the first round has 5 seeds already")]
    [InlineData("{from: 5, to: 8, marign: 1}", "5: unknown key `marign` of `seeds` (known: from, to, margin); did you mean `margin`?")]
    [InlineData("{from: 5, to: 8, margin: 1}", "7: the margin stands in `seeds` already", "margin: 2")]
    [InlineData("{from: 5, to: 8}", "7: where seeds come in rounds, single-task networks are made for the first round only and cannot be the reference", "reference: single-task")]
    public void What_is_wrong_with_rounds_is_said_with_its_line(string seeds, string message, string line = "") =>
        Should.Throw<InputException>(() => Read(line, Valid.Replace("seeds: 3", "seeds: " + seeds))).Message.ShouldBe($"{_folder.File("sweep.yaml")}:{message}");

    [Fact]
    public void Rounds_need_a_row_to_compare_with() =>
        Should.Throw<InputException>(() => Read("", Valid.Replace("seeds: 3", "seeds: {from: 5, to: 8}").Replace("uniform, ", ""))).Message
            .ShouldBe($"{_folder.File("sweep.yaml")}:5: seeds in rounds need a row to compare with: name it (`reference:`), or take `uniform` among the strategies");

    private Sweep Read(string lines, string valid = Valid)
    {
        var file = _folder.File("sweep.yaml");
        File.WriteAllText(file, valid + lines);
        return new SweepReader(Fakes.Strategies, Fakes.Benchmarks, Fakes.Models).Read(file);
    }
}
