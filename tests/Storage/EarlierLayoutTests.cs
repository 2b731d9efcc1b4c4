using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Results;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Storage;

public sealed class EarlierLayoutTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _told = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Runs_leaderboard_and_superseded_runs_move_to_where_they_are_kept_now()
    {
        var (run, superseded) = (InventedRecords.Depth(1), InventedRecords.Depth(2));
        Write(new RunStore(_folder.Path), run);
        AtomicFile.Write(_folder.File("leaderboard.csv"), "benchmark\n");
        AtomicFile.Write(_folder.File("teachers/a.safetensors"), "network");
        Write(new RunStore(_folder.Path), superseded);
        Directory.CreateDirectory(_folder.File("superseded"));
        Directory.Move(_folder.File($"runs/{superseded.Id}"), _folder.File($"superseded/{superseded.Id}"));
        File.WriteAllText(_folder.File("sweep.yaml"), "");

        Upgrade("sweep.yaml");
        _told.ShouldBe([$"{_folder.Path}: runs and leaderboard have moved to {_folder.Output}, where this version keeps them"]);
        new RunStore(_folder.Output).Ids().ShouldBe([run.Id]);
        new RunPool(_folder.Output).Find(superseded.Id, RunHash.Of(superseded)).ShouldNotBeNull().IsPooled.ShouldBeTrue();
        File.ReadAllText(_folder.File("output/leaderboard.csv")).ShouldBe("benchmark\n");
        File.Exists(_folder.File("output/teachers/a.safetensors")).ShouldBeTrue();
        Directory.GetFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)).Order().ShouldBe(["output", "superseded", "sweep.yaml"]);

        Upgrade("sweep.yaml");
        _told.Count.ShouldBe(1);
    }

    [Fact]
    public void Another_sweep_file_has_no_part_in_them_and_what_runs_stays_where_it_is()
    {
        Write(new RunStore(_folder.Path), InventedRecords.Depth(1));
        Upgrade("more.yaml");
        _told.ShouldBeEmpty();
        using (SweepLock.Take(_folder.Path, _told.Add))
            Should.Throw<InputException>(() => Upgrade("sweep.yaml")).Message.ShouldContain("is in use by process");
        new RunStore(_folder.Path).Ids().Count.ShouldBe(1);
    }

    private static void Write(RunStore store, RunRecord record)
    {
        store.Write(record);
        store.MarkMadeHere(record.Id);
    }

    private void Upgrade(string file) => EarlierLayout.Upgrade(_folder.File(file), _told.Add);
}
