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

    private Sweep Read(string lines)
    {
        var file = _folder.File("sweep.yaml");
        File.WriteAllText(file, Valid + lines);
        return new SweepReader(Fakes.Strategies, Fakes.Benchmarks, Fakes.Models).Read(file);
    }
}
