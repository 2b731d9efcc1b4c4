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
    public void No_round_is_refused() =>
        Kdmtl.Run("perf", "nowhere", "--rounds", "0").Error.ShouldContain("--rounds is `0`; give a number of turns, 1 or more");
}
