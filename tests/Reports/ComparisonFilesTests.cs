using System.Net;
using System.Text.RegularExpressions;
using KdMtlBench.Host.Reports;
using KdMtlBench.Host.Results.Comparisons;
using KdMtlBench.Tests.Results.Comparisons;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Reports;

public class ComparisonFilesTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void The_page_has_every_cell_and_its_pictures_and_asks_nothing_of_other_files()
    {
        using var folder = new TemporaryFolder();
        var comparison = Comparison.Of(
        [
            ComparisonTests.Sweep("a", ComparisonTests.Group("one", ("uniform", [1, 2, 3]), ("<b>x</b>", [2, 4, 3]), ("y", [0, 1, -4]))),
            ComparisonTests.Sweep("b", ComparisonTests.Group("two", ("uniform", [1, 2, 3]), ("<b>x</b>", [2, 4, 3]))),
        ]);
        var html = File.ReadAllText(ComparisonFiles.Write(comparison, folder.File("made")));
        Regex.Matches(html, "(?:src|href)=\"(?!data:|#)[^\"]*\"|url\\((?!data:|#)[^)]*\\)|@import", RegexOptions.None, _patience).ShouldBeEmpty();
        html.ShouldNotContain("<b>x");
        var text = WebUtility.HtmlDecode(Regex.Replace(html, "<[^>]+>", "", RegexOptions.None, _patience));
        foreach (var cell in new[] { ComparisonTables.Groups(comparison), ComparisonTables.Pairs(comparison)!, ComparisonTables.Rows(comparison.Aggregates[0]) }.SelectMany(table => table.Rows).SelectMany(row => row))
            text.ShouldContain(cell.Text);
        Directory.GetFiles(folder.File("made/figures"), "*.png").Select(Path.GetFileNameWithoutExtension).Order()
            .ShouldBe(["improvement", "iqm-2-groups", "pairs", "profile-2-groups", "ranks-2-groups"]);
        Directory.GetFiles(folder.File("made")).Select(Path.GetFileName).Order().ShouldBe(["compare.csv", "compare.html", "compare.md"]);

        ComparisonFiles.Write(comparison, folder.File("again"));
        foreach (var file in new[] { "compare.csv", "compare.html", "compare.md" })
            Text("made", file).ShouldBe(Text("again", file), file);

        // Within one process the drawing library goes on counting its clips.
        string Text(string made, string file) => Regex.Replace(File.ReadAllText(folder.File($"{made}/{file}")), "cl_[0-9a-f]+", "clip", RegexOptions.None, _patience);
    }
}
