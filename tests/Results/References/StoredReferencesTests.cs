using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Results.References;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Results.References;

/// <summary>The references that this repository comes with.</summary>
public class StoredReferencesTests
{
    public static TheoryData<string> Names => [.. Directory.GetDirectories(Path.Combine(Repository.Root, "results"))
        .Where(folder => Reference.ExistsIn(Path.Combine(folder, "reference"))).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Names))]
    public void A_reference_is_small_and_its_leaderboard_follows_from_its_records(string name)
    {
        var folder = Path.Combine(Repository.Root, "results", name, "reference");
        var files = new DirectoryInfo(folder).GetFiles();
        files.Length.ShouldBeLessThanOrEqualTo(20);
        files.Sum(file => file.Length).ShouldBeLessThanOrEqualTo(ReferenceWriter.Limit);

        var reference = Reference.Open(folder);
        using var made = new TemporaryFolder();
        var leaderboard = Leaderboard.Build(reference.Manifest.Title, reference.Records(), reference.Manifest.RuleOrDefault);
        LeaderboardCsv.Write(leaderboard, made.File("leaderboard.csv"));
        LeaderboardMarkdown.Write(leaderboard, made.File("leaderboard.md"));
        foreach (var table in new[] { "leaderboard.csv", "leaderboard.md" })
            File.ReadAllText(made.File(table)).ShouldBe(File.ReadAllText(Path.Combine(folder, table)), table);
    }
}
