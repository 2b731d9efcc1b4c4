using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Storage.Sharing;
using KdMtlBench.Host.Views;
using KdMtlBench.Tests.Results;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

public sealed class StatusCommandTests : IDisposable
{
    private static readonly DateTimeOffset _since = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_done_under_way_and_failed_is_told_with_where_and_since_when()
    {
        var (done, failed) = (InventedRecords.Depth(1), InventedRecords.Depth(2) with { Status = Host.Runs.RunStatus.Failed, Failure = "it diverged" });
        done = done with { Cost = done.Cost with { TrainSeconds = 60 } };
        var store = new RunStore(_folder.Path);
        store.Write(done);
        store.Write(failed);
        UnfinishedMark.Set(_folder.Path, 5, "./run-bench.sh run quick");
        Lines().ShouldBe(
        [
            "quick: 2 of 5 runs are over, 1 of them failed",
            $"  failed: {failed.Id}: it diverged",
            "  Nobody is at it; `./run-bench.sh run quick` goes on from there.",
        ]);

        var claims = new ClaimFolder(_folder.Path, TimeSpan.FromMinutes(3));
        claims.Open(new Session("plan", 3));
        var (me, gone) = (Holder.New(), Holder.New() with { StartTicks = 0 });
        claims.Tell(new SignOfLife(me, [new RunAtWork("a", "cuda:0", _since, 2.5, 10), new RunAtWork("b", "cuda:1", _since, 0, 10)]));
        claims.Tell(new SignOfLife(gone, []));
        Lines().ShouldBe(
        [
            "quick: 2 of 5 runs are over, 1 of them failed; 2 under way, 1:22 left", // 2.75 runs of 60 s, two at once
            $"  {me}",
            "    a on cuda:0: epoch 3/10, since 2026-01-02 03:04:05 UTC",
            "    b on cuda:1: epoch 1/10, since 2026-01-02 03:04:05 UTC",
            $"  {gone}: has ended, or gives no sign of life; whoever is next takes over its runs",
            $"  failed: {failed.Id}: it diverged",
        ]);
    }

    [Fact]
    public void A_sweep_that_was_never_run_says_so()
    {
        File.WriteAllText(_folder.File("sweep.yaml"), "");
        var (exitCode, _, error) = Kdmtl.Run("status", _folder.Path);
        exitCode.ShouldBe(2);
        error.Trim().ShouldBe($"{_folder.Output} is not there; the sweep has not been run");
    }

    private IEnumerable<string> Lines() => StatusView.Lines("quick", SweepStatus.Of(_folder.Path, TimeSpan.FromMinutes(3)));
}
