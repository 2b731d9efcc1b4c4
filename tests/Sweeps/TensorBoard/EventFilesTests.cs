using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps.TensorBoard;
using KdMtlBench.Host.Views;
using KdMtlBench.Tests.Results;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Sweeps.TensorBoard;

public sealed class EventFilesTests : IDisposable
{
    private static readonly RunSpec Run = Tiny.Spec(training: Tiny.Training with { Schedule = Schedule.Cosine });
    private readonly TemporaryFolder _folder = new();
    private readonly RunStore _store;
    private readonly EventFiles _files;

    public EventFilesTests()
    {
        _store = new RunStore(_folder.Path);
        _files = new EventFiles([Run], _store, PlainView.Silent);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_epoch_is_a_step_with_losses_weights_metrics_and_learning_rate()
    {
        Make(1, 2, 3);
        var events = Events.Read(Path);
        events[0].FileVersion.ShouldBe("brain.Event:2");
        events.Skip(1).Select(record => record.Step).ShouldBe([1, 2, 3]);
        events.ShouldAllBe(record => Math.Abs(record.WallTime - DateTimeOffset.UtcNow.ToUnixTimeSeconds()) < 3600);
        events[2].Scalars().ShouldBe(new Dictionary<string, float>
        {
            ["learning-rate"] = (float)(0.01 * (1 + Math.Cos(Math.PI / 3)) / 2),
            ["train-loss/depth"] = 0.5f,
            ["weight/depth"] = 1,
            ["validation-loss/depth"] = float.NaN,
            ["validation/depth.absolute-error"] = 0.25f,
        }, ignoreOrder: true);
    }

    [Fact]
    public void A_resumed_run_gives_the_whole_file()
    {
        Make(1, 2);
        File.Delete(Path);
        _files.Resumed(Run, 2);
        Make(3);
        Events.Read(Path).Skip(1).Select(record => record.Step).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void A_run_begun_anew_replaces_the_file()
    {
        Make(1, 2, 3);
        Make(1);
        Events.Read(Path).Count.ShouldBe(2);
    }

    [Fact]
    public void A_kept_run_has_its_file_made_from_its_curve()
    {
        Make(1, 2, 3);
        var before = Events.Read(Path);
        File.Delete(Path);
        _files.Started([], [InventedRecords.Depth(1) with { Id = Run.Id }]);
        Events.Read(Path).Skip(1).Select(record => record.Summary).ShouldBe(before.Skip(1).Select(record => record.Summary));
    }

    [Fact]
    public void A_file_that_cannot_be_written_stops_the_sweep()
    {
        Directory.CreateDirectory(Path);
        Should.Throw<StorageException>(() => Make(1)).Message.ShouldContain(EventFile.Name);
    }

    private string Path => System.IO.Path.Combine(_store.Folder(Run.Id), EventFile.Name);

    private void Make(params int[] epochs)
    {
        foreach (var epoch in epochs)
        {
            _store.WriteCurve(Run.Id, [.. Enumerable.Range(1, epoch).Select(Epoch)]);
            _files.EpochDone(Run, Epoch(epoch));
        }
    }

    private static EpochRecord Epoch(int epoch) => new(
        epoch,
        new Dictionary<string, double> { ["depth"] = 1.0 / epoch },
        new Dictionary<string, double> { ["depth"] = 1 },
        new Dictionary<string, double> { ["depth"] = double.NaN },
        new Dictionary<string, double> { ["depth.absolute-error"] = 0.5 / epoch });
}
