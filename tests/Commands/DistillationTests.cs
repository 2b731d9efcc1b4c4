using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

/// <summary>Distillation from a sweep file to its leaderboard, with the real program and plugin folders.</summary>
public class DistillationTests
{
    private const string Small = """
        benchmark:
          scenes: {height: 16, width: 16, train: 16, validation: 4, test: 4}
        model:
          segnet: {width: 0.05, stages: 2}
        training: {epochs: 2, batch-size: 8}
        seeds: [1]
        strategies:

        """;

    private const string Compositions = """
          - [kd-adaptor, uniform]
          - [kd-adaptor, static: {weights: [1, 2, 1]}]
          - [kd-adaptor, uncertainty]
          - [kd-adaptor, dwa]
          - [kd-adaptor, mgda]
          - [kd-adaptor, mgda-ub]
          - [kd-adaptor, pcgrad]
          - [kd-adaptor, gradnorm]
          - [bam, kd-adaptor]
          - bam: {teacher-mode: [eval, train]}
          - kd-adaptor: {layers: [[encoder-2], [encoder-2, decoder-1]], adaptor: non-linear, task-factors: [1, 1, 2]}

        """;

    [Fact]
    public void Every_balancing_strategy_composes_with_distillation_and_teachers_cost_has_its_column()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), Small + Compositions);
        var (exitCode, output, error) = Kdmtl.Run("run", folder.Path, "--parallel", "2");
        exitCode.ShouldBe(0, output + error);
        output.ShouldContain("16 runs");
        var records = new RunStore(folder.Output).ReadAll().Records;
        var teachers = records.Where(record => record.SingleTask is not null).Sum(record => record.Cost.TrainSeconds);
        foreach (var student in records.Where(record => record.SingleTask is null))
            student.Cost.TeacherSeconds.ShouldBe(teachers, 1e-9, student.Strategy);
        var rows = File.ReadAllLines(folder.File("output/leaderboard.csv")).Select(line => line.Split(',')).ToList();
        var column = Array.IndexOf(rows[0], "teacher_s");
        rows.Skip(1).Select(row => double.Parse(row[column]) > 0).Count(costs => costs).ShouldBe(13);
        records.Where(record => record.SingleTask is null).Select(record => record.Test["depth.absolute-error"]).Distinct().Count().ShouldBe(12);
    }

    [Fact]
    public void A_teacher_lost_is_trained_again_with_the_reason_and_a_layer_unknown_starts_nothing()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), Small + "  - kd-adaptor");
        Kdmtl.Run("run", folder.Path).ExitCode.ShouldBe(0);
        var teacher = Directory.GetFiles(folder.File("output/teachers")).Single(file => file.Contains("single-depth"));
        File.WriteAllText(teacher, "not a network, though longer than any digest could ever be");
        File.WriteAllText(folder.File("sweep.yaml"), Small + "  - kd-adaptor\n  - bam");
        var (exitCode, output, _) = Kdmtl.Run("run", folder.Path);
        exitCode.ShouldBe(0);
        output.ShouldContain("is made again, as others learn from its network");
        output.ShouldContain($"{Path.GetFileName(teacher)} is damaged");
        output.ShouldContain("2 runs; 3 more are finished already");

        File.WriteAllText(folder.File("sweep.yaml"), Small + "  - kd-adaptor: {layers: [encoder-9]}");
        var (refused, _, error) = Kdmtl.Run("run", folder.Path);
        refused.ShouldBe(2);
        error.ShouldContain("no layer `encoder-9`; it has encoder-1, encoder-2, decoder-1, decoder-2");
        Directory.GetDirectories(folder.File("output/runs")).Length.ShouldBe(5);
    }
}
