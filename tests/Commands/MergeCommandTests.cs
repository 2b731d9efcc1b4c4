using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

public sealed class MergeCommandTests : IDisposable
{
    private const string Sweep = """
        title: Two machines
        benchmark:
          scenes: {height: 16, width: 16, train: 8, validation: 2, test: 2}
        model:
          segnet: {width: 0.05, stages: 2}
        training: {epochs: 2, batch-size: 8}
        seeds: [1, 2]
        strategies: [uniform, dwa]
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sweeps_of_several_machines_become_one_and_what_does_not_belong_together_is_refused_by_name()
    {
        File.WriteAllText(_folder.File("sweep.yaml"), Sweep);
        var whole = Run("whole");
        var (first, second) = (Run("first", "--seeds", "1,"), Run("second", "--seeds", "2,"));
        var (exitCode, output, error) = Kdmtl.Run("merge", first, second, whole, "--output", _folder.File("merged"));
        exitCode.ShouldBe(0, output + error);
        output.ShouldContain($"10 runs of 3 folders are in {_folder.File("merged")}");
        var merged = new RunStore(_folder.File("merged"));
        merged.Ids().ShouldBe(new RunStore(whole).Ids());
        foreach (var id in merged.Ids())
            File.ReadAllBytes(merged.CurvePath(id)).ShouldBe(File.ReadAllBytes(new RunStore(whole).CurvePath(id)));
        File.ReadLines(_folder.File("merged/leaderboard.csv")).Count().ShouldBe(File.ReadLines(Path.Combine(whole, "leaderboard.csv")).Count());
        File.ReadAllText(_folder.File("merged/leaderboard.md")).ShouldContain("Two machines");

        Kdmtl.Run("merge", first, second, "--output", _folder.File("merged")).Error.ShouldContain("is not empty");

        var record = Change(second, record => record with { Provenance = With(record.Provenance, "data-sha256", new string('0', 64)), Settings = With(record.Settings, "training.epochs", "3") });
        Refused(first, second).ShouldContain($"the data of {record.Benchmark}: ");
        Refused(first, second).ShouldContain($"000000000000 in {second}");
        Refused(first, second).ShouldContain($"the setting training.epochs: 2 in {first}, {second}; 3 in {second}");

        record = Change(whole, record => record with { Test = With(record.Test, record.Test.Keys.First(), 0.123) });
        Refused(first, whole).ShouldContain($"the run {record.Id}: its curve or its results in {first} are not those in {whole}");
    }

    private string Run(string output, params string[] options)
    {
        Kdmtl.Run(["run", _folder.Path, "--quiet", "--output", _folder.File(output), .. options]).ExitCode.ShouldBe(0);
        return _folder.File(output);
    }

    private string Refused(string first, string second)
    {
        var (exitCode, _, error) = Kdmtl.Run("merge", first, second, "--output", _folder.File("refused"));
        exitCode.ShouldBe(2);
        error.ShouldStartWith("these do not belong together, and nothing has been written:");
        Directory.Exists(_folder.File("refused")).ShouldBeFalse();
        return error;
    }

    private static RunRecord Change(string output, Func<RunRecord, RunRecord> change)
    {
        var store = new RunStore(output);
        var record = change(store.ReadAll().Records[0]);
        store.Write(record);
        return record;
    }

    private static Dictionary<string, T> With<T>(IReadOnlyDictionary<string, T> values, string key, T value) => new(values) { [key] = value };
}
