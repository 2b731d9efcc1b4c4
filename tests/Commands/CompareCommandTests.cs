using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

public class CompareCommandTests
{
    [Fact]
    public void Stored_references_are_compared_as_they_are_and_what_holds_none_is_left_out()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("empty"));
        foreach (var name in new[] { "precision-fp32", "precision-bf16" })
        {
            var reference = Directory.CreateDirectory(folder.File($"{name}/reference")).FullName;
            File.Copy(Path.Combine(Repository.Root, "results", name, "sweep.yaml"), folder.File($"{name}/sweep.yaml"));
            foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "results", name, "reference")))
                File.Copy(file, Path.Combine(reference, Path.GetFileName(file)));
        }

        var (exitCode, output, error) = Kdmtl.Run("compare", folder.File("precision-fp32"), folder.File("precision-bf16"), folder.File("empty"), "--output", folder.File("compared"));
        exitCode.ShouldBe(0, output + error);
        output.ShouldContain("empty is left out: it holds no sweep.");
        output.ShouldContain("3 strategies over 2 groups");
        File.ReadAllText(folder.File("compared/compare.md")).ShouldContain("precision-bf16: stored by ");
        Directory.GetFileSystemEntries(folder.File("precision-fp32")).Length.ShouldBe(2);

        Kdmtl.Run("compare", folder.File("precision-fp23")).ShouldSatisfyAllConditions(run => run.ExitCode.ShouldBe(2), run => run.Error.ShouldContain("did you mean `precision-fp32`?"));
    }
}
