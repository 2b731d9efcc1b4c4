using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Views;

/// <summary>How far a sweep has come, for whoever looks at it at any moment and from any thread.</summary>
internal sealed class SweepProgress(TimeProvider time) : ISweepObserver
{
    private readonly Lock _gate = new();
    private readonly List<RunUnderWay> _underWay = [];
    private TimeLeft _estimate = new(0, time);
    private double _epochs;
    private double _epochsDone;
    private int _runs;
    private int _finished;
    private int _failed;

    public void Started(IReadOnlyList<RunSpec> pending, IReadOnlyList<RunRecord> kept)
    {
        lock (_gate)
        {
            _underWay.Clear(); // the trials of a tuned sweep
            (_runs, _finished, _failed) = (pending.Count, 0, 0);
            (_epochs, _epochsDone) = (pending.Sum(run => (double)run.Training.Epochs), 0);
            _estimate = new TimeLeft(_epochs, time);
        }
    }

    public void RunStarted(RunSpec run, Func<double> epochs)
    {
        lock (_gate)
        {
            _underWay.RemoveAll(under => under.Run.Id == run.Id); // whose worker has died
            _underWay.Add(new RunUnderWay(run, epochs, null));
        }
    }

    public void Resumed(RunSpec run, double epochs)
    {
        lock (_gate)
            _estimate.Skip(epochs);
    }

    public void EpochDone(RunSpec run, EpochRecord epoch)
    {
        lock (_gate)
        {
            var place = _underWay.FindIndex(under => under.Run.Id == run.Id);
            if (place >= 0)
                _underWay[place] = _underWay[place] with { Last = epoch };
        }
    }

    public void RunFinished(RunSpec run, RunRecord record)
    {
        lock (_gate)
        {
            foreach (var under in _underWay.Where(under => under.Run.Id == run.Id))
                _estimate.Skip(run.Training.Epochs - under.Epochs); // of a failed run
            _underWay.RemoveAll(under => under.Run.Id == run.Id);
            _epochsDone += run.Training.Epochs;
            _finished++;
            _failed += record.Status == RunStatus.Failed ? 1 : 0;
        }
    }

    public void Message(string text)
    {
    }

    /// <summary>The state of this moment.</summary>
    public SweepState Now()
    {
        lock (_gate)
        {
            var done = _epochsDone + _underWay.Sum(under => under.Epochs);
            return new SweepState(_runs, _finished, _failed, _epochs == 0 ? 0 : done / _epochs, _estimate.Left(done), [.. _underWay]);
        }
    }
}
