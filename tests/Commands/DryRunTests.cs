using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

public class DryRunTests
{
    private const string Sweep = """
        benchmark:
          scenes: {height: 16, width: 16, train: 16, validation: 4, test: 4}
        model:
          segnet: {width: 0.05, stages: 2}
        training: {epochs: 2, batch-size: 8}
        seeds: [1, 2]
        strategies:

        """;

    [Fact]
    public void The_plan_shows_runs_order_teachers_and_costs_and_starts_nothing()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), Sweep + "  - uniform\n  - kd-adaptor");
        var (exitCode, output, error) = Kdmtl.Run("run", folder.Path, "--dry-run", "--parallel", "2");
        exitCode.ShouldBe(0, error);
        Directory.GetFileSystemEntries(folder.Path).ShouldBe([folder.File("sweep.yaml")]);
        var lines = output.Split('\n');
        Words(lines, " 1 scenes").ShouldBe("1 scenes single-task segmentation, seed 1 2 0:00");
        Words(lines, "10 scenes").ShouldBe("10 scenes kd-adaptor, seed 2 2, 4, 6 2 0:00");
        output.ShouldContain("10 runs to be made, 0 finished already.");
        output.ShouldContain("at --parallel 2");
        output.ShouldContain("MiB to stay and up to");

        File.WriteAllText(folder.File("sweep.yaml"), Sweep + "  - uniform");
        Kdmtl.Run("run", folder.Path).ExitCode.ShouldBe(0);
        var before = Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Order();
        File.WriteAllText(folder.File("sweep.yaml"), Sweep + "  - dwa\n  - kd-adaptor");
        var (_, later, _) = Kdmtl.Run("run", folder.Path, "--dry-run");
        later.ShouldContain("10 runs to be made, 0 finished already."); // the single-task networks were not kept
        Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Order().ShouldBe(before);
    }

    [Fact]
    public void A_strategy_whose_first_steps_fail_is_named_with_its_reason()
    {
        using var plugins = new TemporaryFolder();
        PluginCompiler.Compile(plugins.Path, "Thrower", """
            [Strategy("thrower", Title = "", Paper = "", Family = StrategyFamily.Gradient)]
            public sealed class Thrower : LossWeighting
            {
                protected override Tensor Weights(ITrainingStep step, Tensor losses) => throw new System.InvalidOperationException("not today");
            }
            """);
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), Sweep + "  - thrower");
        var (exitCode, output, _) = Kdmtl.Run("run", folder.Path, "--dry-run", "--plugins", plugins.Path);
        exitCode.ShouldBe(1); // as the run itself would
        output.ShouldContain("thrower: the first steps fail: InvalidOperationException: not today");
    }

    private static string Words(IEnumerable<string> lines, string start) =>
        string.Join(' ', lines.Single(line => line.StartsWith(start, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
