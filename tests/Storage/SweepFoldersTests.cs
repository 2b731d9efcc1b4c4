using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Storage;

public sealed class SweepFoldersTests : IDisposable
{
    private readonly TemporaryFolder _results = new();

    public void Dispose() => _results.Dispose();

    [Theory]
    [InlineData("a/sweep.yaml", "a/output", "a/reference")]
    [InlineData("a/more.yaml", "a/more.output", "a/more.reference")]
    [InlineData("a/output/as-run.yaml", "a/output", "a/reference")]
    [InlineData("a/more.output/as-run.yaml", "a/more.output", "a/more.reference")]
    [InlineData("mine/as-run.yaml", "mine", "mine/reference")]
    public void Every_sweep_file_has_an_output_and_a_reference_of_its_own(string file, string output, string reference)
    {
        SweepFolders.OutputOf(_results.File(file)).ShouldBe(_results.File(output));
        SweepFolders.ReferenceOf(_results.File(file)).ShouldBe(_results.File(reference));
    }

    [Fact]
    public void Beside_an_output_are_those_of_its_own_folder_and_of_the_folders_beside_with_trials_and_checks()
    {
        Make("a/output", "a/more.output", "a/reference", "a/runs", "b/output/check", "b/output/tuning", "c", "d/output/runs/x/output", "mine");
        File.WriteAllText(_results.File("mine/as-run.yaml"), "");
        string[] others = ["a/more.output", "b/output", "b/output/tuning", "b/output/check", "d/output", "mine"];
        Beside("a/output").ShouldBe(others);
        Make("a/output/check/tuning");
        Beside("a/output/check/tuning").ShouldBe(["a/more.output", "a/output", "a/output/check", .. others.Skip(1)]);
        Beside("mine").ShouldBe(["a/more.output", "a/output", "a/output/check", "a/output/check/tuning", .. others[1..^1]]);
        Beside("not/there/yet").ShouldBeEmpty();
    }

    [Fact]
    public void Runs_that_go_elsewhere_are_looked_for_around_their_sweep_file_too()
    {
        using var elsewhere = new TemporaryFolder();
        Make("a/output", "b/output");
        var sweep = new Sweep("a", elsewhere.Path, "", []) { File = _results.File("a/sweep.yaml") };
        SweepFolders.Beside(sweep).ShouldBe([_results.File("a/output"), _results.File("b/output")]);
    }

    private void Make(params string[] folders)
    {
        foreach (var folder in folders)
            Directory.CreateDirectory(_results.File(folder));
    }

    private IEnumerable<string> Beside(string output) => SweepFolders.Beside(_results.File(output)).Select(folder => Path.GetRelativePath(_results.Path, folder));
}
