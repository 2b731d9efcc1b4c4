using CsCheck;
using KdMtlBench.Host.Options;

namespace KdMtlBench.Tests.Options;

public sealed class WordingTests
{
    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("flaw", "lawn", 2)]
    [InlineData("same", "same", 0)]
    public void Edit_distances_are_as_published(string from, string to, int distance) => Wording.EditDistance(from, to).ShouldBe(distance);

    [Fact]
    public void Edit_distance_equals_the_recursive_definition() =>
        Gen.Select(Gen.String[Gen.Char["abc"], 0, 6], Gen.String[Gen.Char["abc"], 0, 6]).Sample((from, to) =>
            Wording.EditDistance(from, to).ShouldBe(ByDefinition(from, to)), iter: 300);

    [Theory]
    [InlineData("temprature", "temperature")]
    [InlineData("Batch_Size", "batch-size")]
    [InlineData("learningRate", "learning-rate")]
    [InlineData("adamw", "adam-w")]
    [InlineData("zebra", null)]
    [InlineData("", null)]
    public void Only_a_near_word_is_suggested(string word, string? nearest) =>
        Wording.Nearest(word, ["temperature", "batch-size", "learning-rate", "form", "adam", "adam-w"]).ShouldBe(nearest);

    [Theory]
    [InlineData("LearningRate", "learning-rate")]
    [InlineData("AdamW", "adam-w")]
    [InlineData("PcGrad", "pc-grad")]
    [InlineData("Conv1", "conv1")]
    public void Names_become_kebab_case(string name, string kebab) => Wording.Kebab(name).ShouldBe(kebab);

    private static int ByDefinition(string from, string to)
    {
        if (from.Length == 0 || to.Length == 0)
            return from.Length + to.Length;
        var replaced = ByDefinition(from[1..], to[1..]) + (from[0] == to[0] ? 0 : 1);
        return Math.Min(replaced, 1 + Math.Min(ByDefinition(from[1..], to), ByDefinition(from, to[1..])));
    }
}
