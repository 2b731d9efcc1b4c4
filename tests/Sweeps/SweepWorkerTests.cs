using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Storage.Sharing;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Sweeps;

public sealed class SweepWorkerTests : TensorTest
{
    private static readonly RunSpec _lost = Tiny.Spec(seed: 1);
    private static readonly RunSpec _kept = Tiny.Spec(seed: 2);

    [Fact]
    public void A_run_that_another_process_takes_over_gets_no_further_epoch_and_no_record_here_and_others_go_on()
    {
        using var folder = new TemporaryFolder();
        var share = new Share(Holder.New());
        var claims = new ClaimFolder(folder.Path, share.Silence);
        var thief = new Thief(claims, Holder.New());
        var sweep = new Sweep("tiny", folder.Path, "", [_lost, _kept]);
        new SweepWorker(new SweepSettings(null, CPU, 1, Fresh: false), share).Make(sweep, thief, default);
        var store = new RunStore(folder.Path);
        store.Ids().ShouldBe([_kept.Id]);
        store.ReadCurve(_lost.Id).Count.ShouldBe(1);
        thief.Finished.ShouldBe([_kept.Id]);
        thief.Messages.ShouldContain($"the run {_lost.Id} has been taken over by another process");
        claims.Latest(_lost.Id).ShouldNotBeNull().Generation.ShouldBe(2);
    }

    /// <summary>Takes the first run over after its first epoch.</summary>
    private sealed class Thief(ClaimFolder claims, Holder holder) : ISweepObserver
    {
        public List<string> Finished { get; } = [];

        public List<string> Messages { get; } = [];

        public void Started(IReadOnlyList<RunSpec> pending, IReadOnlyList<RunRecord> kept) => pending.Count.ShouldBe(2);

        public void RunStarted(RunSpec run, Func<double> epochs)
        {
        }

        public void Resumed(RunSpec run, double epochs)
        {
        }

        public void EpochDone(RunSpec run, EpochRecord epoch)
        {
            if (run.Id == _lost.Id)
                claims.TryTake(run.Id, 2, holder).ShouldNotBeNull();
        }

        public void RunFinished(RunSpec run, RunRecord record) => Finished.Add(run.Id);

        public void Message(string text) => Messages.Add(text);
    }
}
