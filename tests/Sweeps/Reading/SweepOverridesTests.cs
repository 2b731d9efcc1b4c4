using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Sweeps.Reading;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Sweeps.Reading;

public sealed class SweepOverridesTests : IDisposable
{
    private const string File = """
        title: "Scenes: four strategies"
        benchmark: scenes
        model:
          segnet: {width: 0.125}
        training: {epochs: 10, batch-size: 8}
        seeds: [1, 2, 3]
        strategies:
          - uniform
          - static: {weights: [1, 1, 2]}
          - dwa: {temperature: [1, 3]}
          - [kd-adaptor, pc-grad]
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_any_the_file_is_read_as_it_is()
    {
        var sweep = Read();
        sweep.Folder.ShouldBe(_folder.Output);
        sweep.Runs.Count.ShouldBe(3 * (3 + 5));
    }

    [Theory]
    [InlineData("2", new[] { 1, 2 })]
    [InlineData("4,7", new[] { 4, 7 })]
    public void Seeds_are_a_number_or_a_list_as_in_the_file(string seeds, int[] expected) =>
        Read(seeds: seeds).Runs.Select(run => run.Seed).Distinct().ShouldBe(expected);

    [Fact]
    public void A_strategy_is_taken_with_the_files_options_or_its_defaults_and_compositions_are_joined_by_plus() =>
        Labels(Read(strategies: "dwa, kd-adaptor+pc-grad,pc-grad"))
            .ShouldBe(["dwa(temperature=1)", "dwa(temperature=3)", "kd-adaptor + pc-grad", "pc-grad"]);

    [Fact]
    public void A_setting_is_changed_or_added_wherever_it_stands()
    {
        var sweep = Read(settings: ["training.epochs=3", "training.learning-rate=0.5", "model.segnet.width=0.25", "benchmark.scenes.width=64", "strategies.dwa.temperature=[4, 5]", "title=Another"]);
        var run = sweep.Runs[0];
        (run.Training.Epochs, run.Training.BatchSize, run.Training.LearningRate).ShouldBe((3, 8, 0.5));
        run.Model.Label.ShouldBe("segnet(width=0.25)");
        run.Benchmark.Label.ShouldBe("scenes(width=64)");
        Labels(sweep).ShouldBe(["uniform", "static(weights=1|1|2)", "dwa(temperature=4)", "dwa(temperature=5)", "kd-adaptor + pc-grad"]);
        sweep.Title.ShouldBe("Another");
    }

    [Theory]
    [InlineData("training.epocs=3", "--set training.epocs=3: unknown option `epocs` of `training` (known: epochs,")]
    [InlineData("training.epochs=many", "--set training.epochs=many: `epochs` of `training` is an integer, not `many`")]
    [InlineData("training", "--set training: give a key and its value, as in --set training.epochs=3")]
    [InlineData("model.point.width=3", "--set model.point.width=3: `segnet` and `point` stand side by side")]
    [InlineData("strategies.mgda.form=raw", "--set strategies.mgda.form=raw: there is no `mgda` in this sweep; what stands there is a list")]
    [InlineData("training.epochs=[1", "--set training.epochs=[1: not valid YAML")]
    [InlineData("sedes=3", "--set sedes=3: unknown key `sedes`")]
    public void A_mistake_is_located_where_it_was_typed(string setting, string sentence) =>
        Should.Throw<InputException>(() => Read(settings: [setting])).Message.ShouldStartWith(sentence);

    [Fact]
    public void Mistakes_of_several_are_said_at_once()
    {
        var message = Should.Throw<InputException>(() => Read(seeds: "x", strategies: "uniforn", settings: ["training.epochs=0"])).Message;
        message.ShouldContain("--seeds x: `seeds` is a count");
        message.ShouldContain("--strategies uniforn: unknown strategy `uniforn`");
        message.ShouldContain("did you mean `uniform`?");
        message.ShouldContain("--set training.epochs=0: `epochs` of `training` is at least 1");
    }

    [Fact]
    public void The_sweep_as_text_reads_back_to_the_same_runs()
    {
        var sweep = Read(seeds: "2", settings: ["training.epochs=3", "strategies.kd-adaptor.taps=[\"a b\", c]"]);
        System.IO.File.WriteAllText(_folder.File("sweep.yaml"), sweep.Text);
        var again = new SweepReader(Fakes.Strategies, Fakes.Benchmarks, Fakes.Models).Read(_folder.File("sweep.yaml"));
        again.Runs.Select(run => run.Id).ShouldBe(sweep.Runs.Select(run => run.Id));
        again.Title.ShouldBe(sweep.Title);
        again.Text.ShouldBe(sweep.Text);
    }

    [Fact]
    public void Other_settings_need_a_folder_of_their_own_and_go_there()
    {
        Should.Throw<InputException>(() => new SweepOverrides("2", null, [], null).RequireOutput())
            .Message.ShouldBe("--seeds 2: runs that differ from the sweep file need a folder of their own; give it with --output DIR");
        var sweep = Read(seeds: "2", output: _folder.File("mine"));
        (sweep.Folder, sweep.Name).ShouldBe((_folder.File("mine"), "mine"));
    }

    private Sweep Read(string? seeds = null, string? strategies = null, string[]? settings = null, string? output = null)
    {
        System.IO.File.WriteAllText(_folder.File("sweep.yaml"), File);
        return new SweepReader(Fakes.Strategies, Fakes.Benchmarks, Fakes.Models)
            .Read(_folder.File("sweep.yaml"), new SweepOverrides(seeds, strategies, settings ?? [], output));
    }

    private static IEnumerable<string> Labels(Sweep sweep) => sweep.Runs.Where(run => run.SingleTask is null).Select(run => run.StrategyLabel).Distinct();
}
