using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

public class TuneTests
{
    private const string Sweep = """
        benchmark:
          scenes: {height: 16, width: 16, train: 16, validation: 4, test: 4}
        model:
          segnet: {width: 0.05, stages: 2}
        training: {epochs: 2, batch-size: 8}
        seeds: [1, 2]
        strategies: [uniform]
        tune:
          budget: 2
          space:
            - [kd-adaptor: {lambda: [0.5, 2]}, uniform]
        """;

    [Fact]
    public void Learning_rates_are_tuned_too_and_the_chosen_single_task_runs_are_baseline_and_teacher()
    {
        using var folder = new TemporaryFolder();
        var sweep = Sweep.Replace("{lambda: [0.5, 2]}", "{training: {learning-rate: [0.001, 0.01]}}") + "\n  single-task: {learning-rate: [0.0005, 0.02]}";
        File.WriteAllText(folder.File("sweep.yaml"), sweep);
        var (exitCode, output, error) = Kdmtl.Run("run", folder.Path);
        exitCode.ShouldBe(0, output + error);
        var records = new RunStore(folder.Output).ReadAll().Records;
        records.Count.ShouldBe((3 + 1 + 2) * 2);
        var trials = new RunStore(folder.File("output/tuning")).ReadAll().Records;
        trials.Count.ShouldBe(3 * 2 + 2 * 2, "the teachers of the trials are trials themselves");
        foreach (var task in new[] { "segmentation", "depth", "normals" })
        {
            var best = trials.Where(record => record.SingleTask == task).MinBy(record => ValidationError.Of(record.Metrics, record.Validation))!;
            records.Where(record => record.SingleTask == task).ShouldAllBe(record => record.Settings["training.learning-rate"] == best.Settings["training.learning-rate"]);
            var students = records.Where(record => record.Strategy.StartsWith("kd-adaptor", StringComparison.Ordinal));
            students.ShouldAllBe(record => record.Settings.GetValueOrDefault($"teacher.{task}.learning-rate", record.Settings["training.learning-rate"])
                == best.Settings["training.learning-rate"]);
        }

        Directory.GetFiles(folder.File("output/teachers")).Length.ShouldBe(3 * 2, "no rate of a student has teachers of its own");
        var rows = File.ReadAllLines(folder.File("output/tuning.csv"));
        rows.Count(line => line.EndsWith(",yes", StringComparison.Ordinal)).ShouldBe(3 + 2);
        rows.ShouldContain(line => line.Contains(",single-task depth,1,learning-rate="));
        File.ReadAllText(folder.File("output/leaderboard.md")).ShouldContain("Single-task runs have training options of their own: ");

        var (_, again, _) = Kdmtl.Run("run", folder.Path);
        again.ShouldContain("0 runs; 6 more are finished already");
        again.ShouldContain("0 runs; 10 more are finished already");
        again.ShouldContain("0 runs; 12 more are finished already");
    }

    [Fact]
    public void A_tuned_sweep_runs_the_chosen_settings_on_fresh_seeds_and_says_what_was_tuned()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), Sweep);
        var (exitCode, output, error) = Kdmtl.Run("run", folder.Path, "--parallel", "2");
        exitCode.ShouldBe(0, output + error);
        new RunStore(folder.File("output/tuning")).ReadAll().Records.Select(record => record.Seed).Distinct().ShouldBe([3]);
        var records = new RunStore(folder.Output).ReadAll().Records;
        records.Count.ShouldBe((3 + 1 + 2) * 2);
        records.Select(record => record.Strategy).Distinct().ShouldBe(
            ["single-task", "uniform", "kd-adaptor + uniform (tuned: 2 trials)", "static (tuned: 2 trials)"], ignoreOrder: true);

        // What was chosen is what the trials' records say is best.
        var trials = new RunStore(folder.File("output/tuning")).ReadAll().Records.Where(record => record.Strategy.StartsWith("static", StringComparison.Ordinal));
        var best = trials.MinBy(record => ValidationError.Of(record.Metrics, record.Validation))!;
        records.Where(record => record.Strategy.StartsWith("static", StringComparison.Ordinal)).ShouldAllBe(record => record.Settings["static.weights"] == best.Settings["static.weights"]);
        File.ReadAllLines(folder.File("output/tuning.csv")).Count(line => line.EndsWith(",yes", StringComparison.Ordinal)).ShouldBe(2);
        File.ReadAllText(folder.File("output/leaderboard.md")).ShouldContain("Tuned rows: 2 random settings each, on seed 3,");

        var (_, again, _) = Kdmtl.Run("run", folder.Path);
        again.ShouldContain("0 runs; 7 more are finished already");
        again.ShouldContain("0 runs; 12 more are finished already");
    }
}
