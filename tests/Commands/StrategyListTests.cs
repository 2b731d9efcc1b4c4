using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

/// <summary>Which lists of strategies a sweep may hold, and what a run must be given.</summary>
public class StrategyListTests
{
    private const string Scenes = """
        benchmark:
          scenes: {height: 16, width: 16, train: 16, validation: 4, test: 4}
        model:
          segnet: {width: 0.05, stages: 2}
        training: {epochs: 2, batch-size: 8}
        seeds: [1]
        strategies:

        """;

    private const string Toy = """
        benchmark:
          toy: {start: 2, steps-per-epoch: 20}
        model: point
        training: {epochs: 3, batch-size: 1, learning-rate: 0.005, selection: last}
        seeds: [1]
        strategies:

        """;

    [Theory]
    [InlineData("[pcgrad, mgda]", "`pcgrad` and `mgda` both combine gradients; a list has one such strategy at most, at its end")]
    [InlineData("[pcgrad, uncertainty]", "`pcgrad` combines gradients, so that nothing behind it can change what is minimised; put it at the end of the list")]
    [InlineData("[log, uncertainty]", "`uncertainty` needs positive losses, and those that `log` returns can be negative")]
    [InlineData("[uncertainty, famo]", "`famo` needs positive losses, and those that `uncertainty` returns can be negative")]
    [InlineData("[log, db-mtl]", "`db-mtl` needs positive losses, and those that `log` returns can be negative")]
    [InlineData("[log, {mgda: {normalisation: loss}}]", "`mgda` needs positive losses, and those that `log` returns can be negative")]
    [InlineData("[dwa, bam]", "`bam` replaces the tasks' losses, and what `dwa` makes of them would be lost; put it first")]
    [InlineData("dwa: {times-tasks: true}", "`times-tasks` of `dwa` is for strategies that combine gradients")]
    [InlineData("uncertainty: {clip: all}", "`clip` of `uncertainty` says what `clip-norm` clips, which is missing")]
    [InlineData("[{dwa: {clip-norm: 1}}, {pcgrad: {clip-norm: 2}}]", "`clip-norm` stands at more than one strategy of this list")]
    [InlineData("pcgrad: {clipnorm: 1}", "unknown option `clipnorm` of `pcgrad` (known: reduction, clip-norm, clip, times-tasks, weighted-heads, follow-schedule, training)")]
    public void A_list_that_means_nothing_is_refused_with_its_line(string strategies, string reason)
    {
        using var folder = Sweep(Scenes + $"  - uniform\n  - {strategies}\n");
        var (exitCode, _, error) = Kdmtl.Run("run", folder.Path);
        exitCode.ShouldBe(2);
        error.ShouldContain("sweep.yaml:9: ");
        error.ShouldContain(reason);
        Directory.Exists(folder.File("output/runs")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("[log, mgda]")]
    [InlineData("[bam, uncertainty, pcgrad]")]
    [InlineData("[uncertainty, kd-adaptor]")]
    [InlineData("famo: {clip-norm: 1, clip: all, follow-schedule: true}")]
    [InlineData("nash-mtl: {weighted-heads: true, times-tasks: true}")]
    public void A_list_that_means_something_is_planned(string strategies)
    {
        using var folder = Sweep(Scenes + $"  - {strategies}\n");
        var (exitCode, output, error) = Kdmtl.Run("run", folder.Path, "--dry-run");
        exitCode.ShouldBe(0, output + error);
    }

    [Theory]
    [InlineData("[static: {weights: [1, 2, 1]}, nash-mtl]", "`nash-mtl` does not respond to positive factors on the losses: `static` before it changes the heads only")]
    [InlineData("[dwa, fairgrad]", "`fairgrad` does not respond to positive factors on the losses: `dwa` before it changes the heads only")]
    [InlineData("[dwa, imtl-g]", "`imtl-g` responds to positive factors on the losses by the length of the direction only: `dwa` before it changes the heads only")]
    [InlineData("[static: {weights: [1, 2, 1]}, uncertainty]", "`uncertainty` learns factors of its own, which absorb those on the losses: `static` before it changes nothing else")]
    [InlineData("[static: {weights: [1, 2, 1]}, dwa, log]", "`static` and `dwa` before it changes nothing else")]
    public void A_list_that_does_less_than_it_says_is_warned_of(string strategies, string warning)
    {
        using var folder = Sweep(Scenes + $"  - {strategies}\n");
        var (exitCode, output, error) = Kdmtl.Run("run", folder.Path, "--dry-run");
        exitCode.ShouldBe(0, error);
        string.Join(' ', output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ShouldContain(warning);
    }

    [Theory]
    [InlineData("[dwa, pcgrad]")]
    [InlineData("[static: {weights: [1, 2, 1]}, kd-adaptor, nash-mtl]")]
    [InlineData("[dwa, fairgrad: {alpha: 2}]")]
    public void A_list_of_which_every_part_counts_is_not_warned_of(string strategies)
    {
        using var folder = Sweep(Scenes + $"  - {strategies}\n");
        Kdmtl.Run("run", folder.Path, "--dry-run").Output.ShouldNotContain("factors on");
    }

    [Fact]
    public void What_a_model_or_a_benchmark_cannot_give_is_refused_before_anything_starts()
    {
        using var folder = Sweep(Scenes.Replace("segnet: {width: 0.05, stages: 2}", "mtan: {width: 0.05, stages: 2}") + "  - uniform\n  - mgda-ub\n  - [dwa, graddrop]\n");
        var (exitCode, _, error) = Kdmtl.Run("run", folder.Path);
        exitCode.ShouldBe(2);
        error.ShouldContain("sweep.yaml:9: `mgda-ub` works at a representation that all heads share, which the model `mtan(");
        error.ShouldContain("sweep.yaml:10: `graddrop` works at a representation");
        Directory.Exists(folder.File("output/runs")).ShouldBeFalse();
    }

    [Fact]
    public void Predictions_that_do_not_fit_targets_are_refused_before_anything_starts()
    {
        using var folder = Sweep(Scenes.Replace("segnet: {width: 0.05, stages: 2}", "lenet: {width: 1}") + "  - uniform\n");
        var (exitCode, _, error) = Kdmtl.Run("run", folder.Path);
        exitCode.ShouldBe(2);
        error.ShouldContain("sweep.yaml:4: the model `lenet` does not fit `scenes(");
        error.ShouldContain("it predicts [7] for the task `segmentation`, whose targets are [16, 16]");
    }

    [Fact]
    public void A_sign_that_turns_during_a_run_fails_it_with_step_and_task()
    {
        using var folder = Sweep(Toy + "  - uniform\n  - famo\n");
        var (exitCode, output, error) = Kdmtl.Run("run", folder.Path);
        exitCode.ShouldBe(1, output + error);
        var records = new RunStore(folder.Output).ReadAll().Records;
        records.Single(record => record.Strategy == "uniform").Status.ShouldBe(RunStatus.Done);
        var famo = records.Single(record => record.Strategy == "famo");
        famo.Failure!.ShouldContain("the loss of task `f2` is negative (-19.42), and `famo` needs positive losses: from step 0 on (epoch 1)");
        File.ReadAllText(Path.Combine(new RunStore(folder.Output).Folder(famo.Id), "failure.txt")).ShouldContain("   at KdMtlBench.Host.Training.EpochLog.Read");
    }

    [Fact]
    public void Rows_that_come_out_identical_are_pointed_out_whatever_their_weights()
    {
        using var folder = Sweep(Scenes + "  - uniform\n  - static: {weights: [1, 1, 1]}\n  - [static: {weights: [2, 2, 2]}, static-twin]\n  - dwa: {temperature: 1}\n");
        using var plugins = new TemporaryFolder();
        PluginCompiler.Compile(plugins.Path, "StaticTwin", """
            [Strategy("static-twin", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
            public sealed class StaticTwin : LossWeighting
            {
                protected override Tensor Weights(ITrainingStep step, Tensor losses) => full_like(losses, 0.5);
            }
            """);
        var (exitCode, output, error) = Kdmtl.Run("run", folder.Path, "--plugins", plugins.Path + Path.PathSeparator + Repository.Plugins);
        exitCode.ShouldBe(0, output + error);
        var note = File.ReadAllLines(folder.File("output/leaderboard.md")).Single(line => line.Contains("came out identical, in every loss and metric of every seed"));
        foreach (var row in new[] { "dwa(temperature=1)", "static(weights=1|1|1)", "static(weights=2|2|2) + static-twin", "uniform" })
            note.ShouldContain($"`{row}`");
    }

    [Fact]
    public void Solver_failures_are_told_with_their_reason()
    {
        using var folder = Sweep(Scenes + "  - mgda: {iterations: 1, tolerance: 1e-15, solver: frank-wolfe}\n");
        Kdmtl.Run("run", folder.Path).ExitCode.ShouldBe(0);
        var record = new RunStore(folder.Output).ReadAll().Records.Single(record => record.SingleTask is null);
        var failure = record.SolverFailures.ShouldHaveSingleItem();
        failure.Reason.ShouldBe("minimum norm: not within the tolerance after 1 iterations");
        failure.Count.ShouldBe(record.Cost.SolverFailures);
        failure.LargestResidual!.Value.ShouldBeGreaterThan(1e-15);
        File.ReadAllText(folder.File("output/leaderboard.md")).ShouldContain("in 1 run: minimum norm: not within the tolerance after 1 iterations (largest residual");
        File.ReadAllText(folder.File("output/report.html")).ShouldContain("minimum norm: not within the tolerance");
    }

    [Fact]
    public void A_tensor_kept_in_a_field_gets_a_hint()
    {
        using var plugins = new TemporaryFolder();
        PluginCompiler.Compile(plugins.Path, "Hoarder", """
            [Strategy("hoarder", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
            public sealed class Hoarder : LossWeighting
            {
                private Tensor? _average;
                protected override Tensor Weights(ITrainingStep step, Tensor losses) => _average = _average is null ? ones_like(losses) : 0.9 * _average + 0.1 * losses;
            }
            """);
        using var folder = Sweep(Scenes + "  - hoarder\n");
        Kdmtl.Run("run", folder.Path, "--plugins", plugins.Path).ExitCode.ShouldBe(1);
        new RunStore(folder.Output).ReadAll().Records.Single(record => record.SingleTask is null).Failure!
            .ShouldContain("a tensor that is kept in a field is freed when the step ends: register it with AddBuffer (at step 1)");
    }

    private static TemporaryFolder Sweep(string text)
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), text);
        return folder;
    }
}
