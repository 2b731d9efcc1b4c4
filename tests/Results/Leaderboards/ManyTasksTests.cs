using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using KdMtlBench.Tests.Support;
using static KdMtlBench.Tests.Results.InventedRecords;

namespace KdMtlBench.Tests.Results.Leaderboards;

public class ManyTasksTests
{
    [Fact]
    public void Median_and_worst_task_stand_beside_the_mean_that_one_task_can_make()
    {
        var group = Leaderboard.Build("", Records(("a", 10), ("b", 20), ("c", -40), ("d", 2))).Groups.Single();
        var row = group.Rows.Single(row => row.Strategy == "uniform");
        row.DeltaTask!.Mean.ShouldBe(-2, 1e-9);
        row.MedianTask!.Value.ShouldBe(6, 1e-9);
        (row.WorstTask!.Task, Math.Round(row.WorstTask.Change.Mean, 9)).ShouldBe(("c", -40));
        row.DeltaByTask.Select(task => (task.Task, Math.Round(task.Change.Mean, 9), task.Change.Seeds)).ShouldBe([("a", 10, 3), ("b", 20, 3), ("c", -40, 3), ("d", 2, 3)]);

        var quality = LeaderboardTable.Quality(group);
        quality.Columns.Select(column => column.FullName).Take(5).ShouldBe(["strategy", "Δ task % ↑", "Δ metric % ↑", "median task % ↑", "worst task % ↑"]);
        quality.Rows.Single(cells => cells[0].Text == "uniform").Skip(3).Take(2).Select(cell => cell.Text).ShouldBe(["+6.00", "-40.00 (c)"]);
        LeaderboardTable.Tasks(group)!.Rows.Single().Select(cell => cell.Text).ShouldBe(["uniform", "+10.00 ± 0.00", "+20.00 ± 0.00", "-40.00 ± 0.00", "+2.00 ± 0.00"]);
    }

    [Fact]
    public void Of_few_tasks_the_table_by_task_says_it_all()
    {
        var group = Leaderboard.Build("", Records(("a", 10), ("b", 20), ("c", -40))).Groups.Single();
        LeaderboardTable.Quality(group).Columns.ShouldNotContain(column => column.Name == "worst task %");
        LeaderboardTable.Tasks(group)!.Columns.Select(column => column.FullName).ShouldBe(["strategy", "a.Δ % ↑", "b.Δ % ↑", "c.Δ % ↑"]);
        LeaderboardTable.Tasks(Leaderboard.Build("", Records(("a", 10))).Groups.Single()).ShouldBeNull();
    }

    [Fact]
    public void A_task_that_is_not_a_number_is_the_worst()
    {
        var row = Leaderboard.Build("", Records(("a", 10), ("b", double.NaN), ("c", -40), ("d", 2))).Groups.Single().Rows.Single(row => row.Strategy == "uniform");
        row.WorstTask!.Task.ShouldBe("b");
        row.MedianTask!.Value.ShouldBe(double.NaN);
    }

    [Fact]
    public void The_csv_has_every_task()
    {
        using var folder = new TemporaryFolder();
        LeaderboardCsv.Write(Leaderboard.Build("", Records(("a", 10), ("b", -40))), folder.File("leaderboard.csv"));
        var lines = File.ReadAllLines(folder.File("leaderboard.csv")).Select(line => line.Split(',').ToList()).ToList();
        string Field(string name) => lines.Single(line => line[2] == "uniform")[lines[0].IndexOf(name)];
        Field("worst_task.name").ShouldBe("b");
        double.Parse(Field("delta.b")).ShouldBe(-40, 1e-9);
        double.Parse(Field("delta.a.ci95")).ShouldBe(0, 1e-9);
        double.Parse(Field("median_task")).ShouldBe(-15, 1e-9);
    }

    /// <summary>Tasks with one metric each, whose single-task value is 0.5: their Δ is what is given.</summary>
    private static List<RunRecord> Records(params (string Task, double Delta)[] tasks)
    {
        var metrics = tasks.Select(task => Miou with { Task = task.Task }).ToList();
        return
        [
            .. from seed in new[] { 1, 2, 3 }
               from metric in metrics
               select Segmentation(seed, 0.5) with { Id = $"single-{metric.Task}.s{seed}", SingleTask = metric.Task, Metrics = [metric], Test = new Dictionary<string, double> { [metric.Key] = 0.5 } },
            .. from seed in new[] { 1, 2, 3 }
               select MultiTask("uniform", seed, 0, 0, 0) with
               {
                   Metrics = metrics,
                   Test = tasks.Zip(metrics).ToDictionary(task => task.Second.Key, task => 0.5 * (1 + (task.First.Delta / 100))),
               },
        ];
    }
}
