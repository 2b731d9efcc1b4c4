using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Results;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Storage;

public sealed class RunPoolTests : IDisposable
{
    private static readonly RunRecord Run = InventedRecords.Depth(1);
    private static readonly string Hash = RunHash.Of(Run);

    private readonly TemporaryFolder _folder = new();
    private readonly RunStore _store;
    private readonly RunPool _pool;

    public RunPoolTests() => (_store, _pool) = (new RunStore(_folder.Path), new RunPool(_folder.Path));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_goes_into_the_pool_and_comes_back_with_all_its_files()
    {
        Write(_store, Run);
        AtomicFile.Write(_folder.File($"teachers/{Run.Id}.safetensors"), "network");
        var before = Contents();

        _pool.Put(Run.Id);
        _store.Ids().ShouldBeEmpty();
        Directory.GetFiles(_folder.File("teachers")).ShouldBeEmpty();
        var found = _pool.Find(Run.Id, Hash).ShouldNotBeNull();
        (found.IsPooled, found.Folder, File.Exists(found.Network)).ShouldBe((true, _folder.File($"pool/{Hash}"), true));

        _pool.Take(Run.Id, Hash);
        Contents().ShouldBe(before);
        _pool.Find(Run.Id, Hash).ShouldNotBeNull().IsPooled.ShouldBeFalse();
    }

    [Fact]
    public void Runs_of_one_id_that_other_code_made_stay_apart()
    {
        var other = Run with { Provenance = new Dictionary<string, string>(Run.Provenance) { ["host-sha256"] = "other" } };
        foreach (var record in new[] { Run, other })
        {
            Write(_store, record);
            _pool.Put(record.Id);
        }

        _pool.Find(Run.Id, Hash).ShouldNotBeNull().Record.Provenance.ShouldNotContainKey("host-sha256");
        _pool.Find(Run.Id, RunHash.Of(other)).ShouldNotBeNull().Record.Provenance["host-sha256"].ShouldBe("other");
        _pool.Find(Run.Id, "of yet other code").ShouldBeNull();
    }

    [Fact]
    public void Only_runs_that_were_finished_here_are_found()
    {
        _store.Write(Run); // as it comes with a clone
        _pool.Find(Run.Id, Hash).ShouldBeNull();
        _store.MarkMadeHere(Run.Id);
        _pool.Find(Run.Id, Hash).ShouldNotBeNull();
        _store.Write(InventedRecords.Failed(Run, "it diverged"));
        _pool.Find(Run.Id, Hash).ShouldBeNull();
        AtomicFile.Write(_store.RecordPath(Run.Id), "{");
        _pool.Find(Run.Id, Hash).ShouldBeNull();
    }

    [Fact]
    public void A_run_is_copied_from_another_folder_without_what_belongs_to_its_making()
    {
        using var mine = new TemporaryFolder();
        Write(_store, Run);
        AtomicFile.Write(Path.Combine(_store.CheckpointFolder(Run.Id), "epoch-0001.safetensors"), "");
        AtomicFile.Write(_folder.File($"teachers/{Run.Id}.safetensors"), "network");
        new RunPool(mine.Path).Copy(_pool.Find(Run.Id, Hash)!, withNetwork: true);
        Directory.GetFileSystemEntries(mine.File($"runs/{Run.Id}")).Select(path => Path.GetFileName(path)).Order().ShouldBe([".here", "curve.csv", "run.json"]);
        File.ReadAllText(mine.File($"teachers/{Run.Id}.safetensors")).ShouldBe("network");
        new RunPool(mine.Path).Find(Run.Id, Hash).ShouldNotBeNull();
        _pool.Find(Run.Id, Hash).ShouldNotBeNull();
    }

    [Fact]
    public void What_changes_only_costs_does_not_change_the_hash_and_all_else_does()
    {
        With("parallel").ShouldBe(Hash);
        With("git-commit").ShouldBe(Hash);
        foreach (var fact in new[] { "cpu", "data-sha256", "plugin-sha256.mine", "device", "libtorch" })
            With(fact).ShouldNotBe(Hash, fact);
        RunHash.Of(InventedRecords.Depth(2)).ShouldNotBe(Hash);

        static string With(string fact) => RunHash.Of(Run with { Provenance = new Dictionary<string, string>(Run.Provenance) { [fact] = "other" } });
    }

    private static void Write(RunStore store, RunRecord record)
    {
        AtomicFile.Write(store.CurvePath(record.Id), "epoch\n1\n");
        store.Write(record);
        store.MarkMadeHere(record.Id);
    }

    private Dictionary<string, string> Contents() => Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllText);
}
