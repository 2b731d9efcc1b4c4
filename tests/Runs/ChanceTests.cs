using KdMtlBench.Host.Runs;

namespace KdMtlBench.Tests.Runs;

public class ChanceTests
{
    [Theory]
    [InlineData(100, true)] // always class 0, which is 100 of 400
    [InlineData(117, true)] // 0.25 + 2 √(0.25 · 0.75 / 400) = 0.2933: up to 117 of 400
    [InlineData(118, false)]
    [InlineData(60, true)] // worse than any one answer
    [InlineData(400, false)]
    public void A_task_is_at_chance_up_to_two_standard_errors_above_the_most_frequent_class(int right, bool atChance) =>
        Chance.TasksAt(Cells("a", [100, 100, 100, 100], right)).ShouldBe(atChance ? ["a"] : []);

    [Theory]
    [InlineData(320, true)]
    [InlineData(335, true)] // 0.8 + 2 √(0.8 · 0.2 / 400) = 0.84, which is 336 of 400
    [InlineData(337, false)]
    public void Where_one_class_is_most_of_the_test_naming_it_is_no_feat(int right, bool atChance) =>
        Chance.TasksAt(Cells("a", [320, 80], right)).ShouldBe(atChance ? ["a"] : []);

    [Fact]
    public void Each_task_is_judged_by_itself() =>
        Chance.TasksAt([.. Cells("digits", [50, 50, 50, 50], 190), .. Cells("characters", [5, 5, 5, 5, 5, 5, 5, 5], 5)]).ShouldBe(["characters"]);

    [Theory]
    [InlineData(new[] { 50 }, 50)]
    [InlineData(new[] { 1, 1 }, 1)]
    public void A_single_class_or_a_handful_of_images_says_nothing(int[] classes, int right) => Chance.TasksAt(Cells("a", classes, right)).ShouldBeEmpty();

    [Fact]
    public void Without_a_classification_there_is_nothing_to_say() => Chance.TasksAt([]).ShouldBeEmpty();

    /// <summary>So many images a class, of which so many are recognised; the others are taken for the next class.</summary>
    private static List<ConfusionRecord> Cells(string task, int[] classes, int right)
    {
        var cells = new List<ConfusionRecord>();
        foreach (var (truth, count) in classes.Index())
        {
            var recognised = Math.Min(right, count);
            right -= recognised;
            cells.Add(new ConfusionRecord(task, truth, truth, recognised));
            cells.Add(new ConfusionRecord(task, truth, (truth + 1) % Math.Max(2, classes.Length), count - recognised));
        }

        return cells;
    }
}
