using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

public class PerfCommandTests
{
    [Fact]
    public void Steps_of_every_strategy_are_timed_against_uniform_and_the_floor()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), """
            benchmark:
              scenes: {height: 16, width: 16, train: 16, validation: 8, test: 8}
            model:
              segnet: {width: 0.0625, stages: 2}
            training: {epochs: 1, batch-size: 8, learning-rate: 0.01}
            seeds: [1, 2]
            strategies:
              - uniform
              - mgda
              - kd-adaptor
            """);
        var (exitCode, output, error) = Kdmtl.Run("perf", folder.Path, "--rounds", "2", "--steps", "3", "--output", folder.File("perf"), "--plugins", Repository.Plugins);
        exitCode.ShouldBe(0, error);
        var rows = File.ReadAllLines(folder.File("perf/perf.csv")).Skip(1).Select(line => line.Split(',')).ToList();
        var column = rows.ToDictionary(row => row[1], row => row.Skip(2).Select(double.Parse).ToArray());
        column.Keys.ShouldBe(["floor", "uniform", "mgda", "kd-adaptor"]);
        column["floor"][6..].ShouldBe([1, 1, 1]);
        column["uniform"][3..6].ShouldBe([1, 1, 1]);
        foreach (var values in column.Values)
        {
            values.ShouldAllBe(value => value > 0);
            values[0].ShouldBeInRange(values[1], values[2]);
        }

        output.ShouldContain("to the floor");
        File.ReadAllText(folder.File("perf/perf.md")).ShouldContain("| mgda |");
    }

    [Fact]
    public void Steps_that_are_read_are_compared_with_steps_that_are_not_and_memory_is_looked_at()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), """
            benchmark:
              scenes: {height: 16, width: 16, train: 16, validation: 8, test: 8}
            model:
              segnet: {width: 0.0625, stages: 2}
            training: {epochs: 1, batch-size: 8, learning-rate: 0.01}
            seeds: [1]
            strategies: [uniform, mgda]
            """);
        string[] ask = ["perf", folder.Path, "--output", folder.File("perf"), "--plugins", Repository.Plugins, "--device", "cpu"];
        Kdmtl.Run([.. ask, "--reading", "--rounds", "2", "--steps", "3"]).ExitCode.ShouldBe(0);
        foreach (var values in Figures(folder.File("perf/reading.csv"), "uniform", "mgda"))
            values.ShouldAllBe(value => value > 0);

        Kdmtl.Run([.. ask, "--memory", "120"]).ExitCode.ShouldBe(0);
        foreach (var values in Figures(folder.File("perf/memory.csv"), "uniform", "mgda"))
        {
            values.Length.ShouldBe(2 + 2 + 2 + 1); // after 100 and 120 steps: resident, on the GPU, tensors; and last to first
            values[5].ShouldBe(values[4]);
            values[6].ShouldBeInRange(0.9, 1.05);
        }
    }

    [Fact]
    public void So_many_tasks_take_so_many_backward_passes()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = Kdmtl.Run("perf", "--tasks", "8", "--rounds", "1", "--steps", "2", "--output", folder.Path,
            "--plugins", Repository.Plugins);
        exitCode.ShouldBe(0, error);
        output.ShouldContain("8 tasks · resnet-26(width=0.25)");
        var rows = File.ReadAllLines(folder.File("perf.csv")).Skip(1).Select(line => line.Split(',')).ToDictionary(row => row[1], row =>
            double.Parse(row[2]));
        rows.Keys.ShouldBe(["floor", "uniform", "mgda", "pcgrad"]);
        rows["mgda"].ShouldBeGreaterThan(2 * rows["uniform"]); // 8 backward passes; measured 5 to 6 times
    }

    [Theory, InlineData("perf"), InlineData("perf", "quick", "--tasks", "3")]
    public void A_sweep_or_a_number_of_tasks_is_needed(params string[] command) =>
        Kdmtl.Run(command).Error.ShouldContain("perf takes a sweep or --tasks");

    private static IEnumerable<double[]> Figures(string path, params string[] strategies)
    {
        var rows = File.ReadAllLines(path).Skip(1).Select(line => line.Split(',')).ToList();
        rows.Select(row => row[1]).ShouldBe(strategies);
        return rows.Select(row => row.Skip(2).Select(value => value.Length == 0 ? double.NaN : double.Parse(value)).Select(value =>
            double.IsNaN(value) ? 1 : value).ToArray());
    }

    [Fact]
    public void No_round_is_refused() =>
        Kdmtl.Run("perf", "nowhere", "--rounds", "0").Error.ShouldContain("--rounds is `0`; give a number of turns, 1 or more");
}
