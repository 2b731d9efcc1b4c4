using System.Globalization;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Sweeps.Reading;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Sweeps.Reading;

public sealed class TuneReaderTests : IDisposable
{
    private const string Valid = """
        benchmark: scenes
        model: segnet
        training: {epochs: 10, batch-size: 8}
        seeds: [1, 2, 3]
        strategies: [uniform]
        tune:
          budget: 6
          seeds: [11, 12]
          space:
            - dwa: {temperature: {from: 0.5, to: 8, scale: log}}
            - [kd-adaptor: {adaptor: [linear, non-linear], learning-rate: [0.1, 0.01, 0.001]}, pc-grad]
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_strategy_gets_the_same_number_of_different_trials_and_seeds_and_static_is_among_them()
    {
        var sweep = Read(Valid);
        sweep.Tuned.Select(strategy => strategy.Tuning.Label).ShouldBe(["dwa", "kd-adaptor + pc-grad", "static"]);
        foreach (var strategy in sweep.Tuned)
        {
            strategy.Trials.Select(trial => trial.StrategyLabel).Distinct().Count().ShouldBe(6, strategy.Tuning.Label);
            strategy.RunsOf(strategy.Trials[0]).Select(run => run.Seed).ShouldBe([11, 12]);
            strategy.Results(strategy.Trials[0]).Select(run => run.Seed).ShouldBe([1, 2, 3]);
        }

        sweep.Tuned.Sum(strategy => strategy.Trials.Sum(trial => strategy.RunsOf(trial).Count())).ShouldBe(3 * 6 * 2);
        sweep.Runs.Count.ShouldBe(3 * 3 + 3);
    }

    [Fact]
    public void What_is_drawn_lies_in_its_range_and_is_the_same_at_every_reading()
    {
        var many = Read(Valid.Replace("budget: 6", "budget: 200").Replace("    - [kd-adaptor: {adaptor: [linear, non-linear], learning-rate: [0.1, 0.01, 0.001]}, pc-grad]", ""));
        var temperatures = many.Tuned[0].Trials.Select(trial => trial.Strategies[0].Create<Fakes.Dwa>().Options.Temperature).ToList();
        temperatures.ShouldAllBe(temperature => temperature >= 0.5 && temperature <= 8);
        temperatures.Count(temperature => temperature < 2).ShouldBeInRange(80, 120, "half of the draws lie below the geometric mean");
        var weights = many.Tuned[1].Trials.Select(trial => trial.Strategies[0].Create<Fakes.Static>().Options.Weights).ToList();
        weights.ShouldAllBe(list => list.Count == 3 && list.All(weight => weight >= 0.1 && weight <= 10));
        weights.ShouldAllBe(list => list.Distinct().Count() > 1);
        Labels(Read("# a comment\n" + Valid)).ShouldBe(Labels(Read(Valid)));
    }

    [Fact]
    public void A_linear_range_is_drawn_evenly()
    {
        var sweep = Read(Valid.Replace(", scale: log", "").Replace("budget: 6", "budget: 200").Replace("    - [kd-adaptor: {adaptor: [linear, non-linear], learning-rate: [0.1, 0.01, 0.001]}, pc-grad]", ""));
        sweep.Tuned[0].Trials.Average(trial => trial.Strategies[0].Create<Fakes.Dwa>().Options.Temperature).ShouldBe(4.25, 0.5);
    }

    [Fact]
    public void Listed_values_are_tried_once_each() =>
        Read(Valid).Tuned[1].Trials.Select(trial => trial.StrategyLabel).ShouldBe(
            [
                .. from adaptor in new[] { "", "adaptor=non-linear " }
                   from rate in new[] { 0.1, 0.01, 0.001 }
                   select $"kd-adaptor({adaptor}learning-rate={rate.ToString(CultureInfo.InvariantCulture)}) + pc-grad",
            ],
            ignoreOrder: true);

    [Fact]
    public void A_grid_takes_the_settings_as_they_are_listed()
    {
        var sweep = Read("""
            benchmark: scenes
            model: segnet
            training: {epochs: 10, batch-size: 8}
            seeds: [1, 2, 3]
            tune:
              budget: 2
              method: grid
              space:
                - dwa: {temperature: [1, 4]}
                - static: {weights: [[1, 1, 2], [2, 1, 1]]}
            """);
        sweep.Tuned.SelectMany(strategy => strategy.Trials).Select(trial => trial.StrategyLabel).ShouldBe(
            ["dwa(temperature=1)", "dwa(temperature=4)", "static(weights=1|1|2)", "static(weights=2|1|1)"]);
        sweep.Tuned[0].Tuning.Seeds.ShouldBe([4], "a fresh one where none is given");
    }

    [Fact]
    public void A_ranges_list_of_its_own_may_hold_single_values() =>
        Read(Valid + "\n    - static: {weights: [1, {from: 1, to: 2}, {from: 3, to: 4}]}").Tuned[2].Trials
            .Select(trial => trial.Strategies[0].Create<Fakes.Static>().Options.Weights)
            .ShouldAllBe(weights => weights[0] == 1 && weights[1] >= 1 && weights[1] <= 2 && weights[2] >= 3 && weights[2] <= 4);

    [Fact]
    public void Learning_rates_are_tuned_like_any_option_and_each_task_s_single_task_run_by_itself()
    {
        var sweep = Read(Valid.Replace("dwa: {temperature:", "dwa: {temperature: [1, 2], training: {learning-rate:")
            .Replace("scale: log}}", "scale: log}}}") + "\n  single-task: {learning-rate: {from: 0.001, to: 0.1, scale: log}}");
        var rates = sweep.Tuned[0].Trials.Select(trial => trial.Training.LearningRate).ToList();
        rates.Distinct().Count().ShouldBe(6);
        rates.ShouldAllBe(rate => rate >= 0.5 && rate <= 8);
        sweep.Tuned[0].Trials.ShouldAllBe(trial => trial.Training.Epochs == 10 && trial.StrategyLabel.Contains("training.learning-rate="));

        sweep.TunedSingleTask.Select(task => task.Trials[0].SingleTask).ShouldBe(["segmentation", "depth", "normals"]);
        foreach (var task in sweep.TunedSingleTask)
        {
            task.Trials.Select(trial => trial.Training.LearningRate).Distinct().Count().ShouldBe(6);
            task.Trials.ShouldAllBe(trial => trial.Training.LearningRate >= 0.001 && trial.Training.LearningRate <= 0.1);
        }

        sweep.Runs.ShouldAllBe(run => run.SingleTask == null, "they follow from the trials");
    }

    [Theory]
    [InlineData("budget: 6", "budget: 1", "7: `budget` of `tune` is a number of trials from 2 to 1000, not `1`")]
    [InlineData("  budget: 6\n", "", "6: the key `budget` of `tune` is missing")]
    [InlineData("budget: 6", "budget: 7", "11: `kd-adaptor + pc-grad` has 6 settings, and the budget is 7: every strategy is to have the same number of trials")]
    [InlineData("budget: 6", "budgt: 6", "7: unknown key `budgt` of `tune` (known: budget, space, method, seeds, single-task); did you mean `budget`?")]
    [InlineData("seeds: [11, 12]", "seeds: [3, 11]", "8: the seed 3 is one of the results' too; what is chosen must be run on fresh seeds")]
    [InlineData("seeds: [11, 12]", "method: guess", "8: `method` of `tune` is random or grid, not `guess`")]
    [InlineData("seeds: [11, 12]", "method: grid", "10: `dwa` has a range, and a grid takes lists of values", "6: every tuned sweep has `static` in it; give its grid in `space`")]
    [InlineData("from: 0.5, to: 8", "from: 8, to: 0.5", "10: a range is {from: number, to: larger number}, with `scale: log` where both are positive and to be drawn by their logarithm")]
    [InlineData("from: 0.5", "from: 0", "10: a range is {from: number, to: larger number}, with `scale: log` where both are positive and to be drawn by their logarithm")]
    [InlineData("from: 0.5, to: 8", "from: 0.0001, to: 0.0002", "10: `temperature` of `dwa` is at least 0.001 and at most 1000000, not `0.0001")]
    [InlineData("from: 0.5, to: 8, scale: log", "from: 1, to: 1.01", "10: the space of `dwa` is too narrow for 6 settings of three digits")]
    [InlineData("{temperature: {", "{temprature: {", "10: unknown option `temprature` of `dwa` (known: temperature, clip-norm, clip, times-tasks, weighted-heads, follow-schedule, training); did you mean `temperature`?")]
    [InlineData("- dwa: {temperature: {from: 0.5, to: 8, scale: log}}", "- uniform", "10: `uniform` has nothing to tune here; a strategy that is not tuned stands under `strategies`")]
    [InlineData("- dwa: {temperature: {from: 0.5, to: 8, scale: log}}", "- dwo: {temperature: {from: 0.5, to: 8}}", "10: unknown strategy `dwo`")]
    [InlineData("- [kd-adaptor: {adaptor: [linear, non-linear], learning-rate: [0.1, 0.01, 0.001]}, pc-grad]", "- dwa: {temperature: {from: 1, to: 2}}", "11: `dwa` stands in `space` more than once")]
    [InlineData("  budget: 6", "  single-task: {learning-rate: 0.1}\n  budget: 6", "7: `single-task` has nothing to tune here; training options that are not tuned stand under `single-task` of the sweep")]
    [InlineData("tune:", "single-task: {epochs: 5}\ntune:\n  single-task: {learning-rate: {from: 0.1, to: 1}}", "6: `single-task` stands here and under `tune`; what is tuned is not given")]
    [InlineData("benchmark: scenes", "benchmark: toy", "6: `toy` has objectives only, and nothing to select a setting by")]
    public void A_mistake_is_one_sentence_with_its_line(string right, string wrong, params string[] messages)
    {
        Valid.ShouldContain(right);
        var lines = Should.Throw<InputException>(() => Read(Valid.Replace(right, wrong))).Message.Split('\n');
        foreach (var message in messages)
            lines.ShouldContain(line => line.StartsWith($"{_folder.File("sweep.yaml")}:{message}", StringComparison.Ordinal), string.Join('\n', lines));
    }

    private static IEnumerable<string> Labels(Sweep sweep) => sweep.Tuned.SelectMany(strategy => strategy.Trials).Select(trial => trial.Id);

    private Sweep Read(string yaml)
    {
        File.WriteAllText(_folder.File("sweep.yaml"), yaml);
        return new SweepReader(Fakes.Strategies, Fakes.Benchmarks, Fakes.Models).Read(_folder.File("sweep.yaml"));
    }
}
