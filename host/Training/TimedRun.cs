using System.Diagnostics;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training.Distillation;
using MathNet.Numerics.Statistics;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>A run in the middle of its training, of which a few steps are timed. What it would learn from is untrained.</summary>
internal sealed class TimedRun : IDisposable
{
    private readonly Teachers? _teachers;
    private readonly RunContext _run;
    private readonly Trainer _trainer;
    private int _step;

    public TimedRun(RunSpec spec, IBenchmark benchmark, BenchmarkData data, Device device)
    {
        Label = spec.StrategyLabel;
        _teachers = Teachers.NeededBy(spec) ? Teachers.Untrained(spec, benchmark, device) : null;
        _run = new RunContext(spec, benchmark, data, device) { Teachers = _teachers };
        _run.InitialiseStrategies();
        _trainer = new Trainer(_run);
        _run.Network.TrainMode(true);
        _trainer.StartEpoch(0);
    }

    public string Label { get; }

    /// <summary>Of an epoch.</summary>
    public int StepsPerEpoch => _run.StepsPerEpoch;

    /// <summary>Of the network's parameters and buffers.</summary>
    public long NetworkBytes => _run.Network.StateTensors.Sum(tensor => tensor.numel() * tensor.ElementSize);

    /// <summary>Makes steps; their median in milliseconds.</summary>
    public double Time(int steps)
    {
        using var scope = NewDisposeScope();
        var order = _run.Order(epoch: 0);
        var milliseconds = new List<double>();
        var watch = new Stopwatch();
        for (var i = 0; i < steps; i++, _step++)
        {
            watch.Restart();
            Step(order);
            Finish();
            milliseconds.Add(watch.Elapsed.TotalMilliseconds);
        }

        return milliseconds.Median();
    }

    /// <summary>Makes steps; milliseconds a step until all are queued, and until all are finished.</summary>
    /// <param name="steps">How many.</param>
    /// <param name="read">Whether the losses of each are read before the next begins.</param>
    public (double Queued, double Finished) TimeTogether(int steps, bool read)
    {
        using var scope = NewDisposeScope();
        var order = _run.Order(epoch: 0);
        Finish();
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < steps; i++, _step++)
        {
            Step(order);
            if (read)
                _trainer.LossesOf(_step % _run.StepsPerEpoch).cpu();
        }

        var queued = watch.Elapsed.TotalMilliseconds;
        Finish();
        return (queued / steps, watch.Elapsed.TotalMilliseconds / steps);
    }

    /// <summary>Waits for the device.</summary>
    private void Finish()
    {
        if (_run.Device.type == TorchSharp.DeviceType.CUDA)
            cuda.synchronize();
    }

    private void Step(Samples order)
    {
        using var scope = NewDisposeScope();
        _trainer.TrainStep(_step / _run.StepsPerEpoch, _step % _run.StepsPerEpoch, _run.BatchOf(order, _step % _run.StepsPerEpoch));
    }

    public void Dispose()
    {
        _trainer.Dispose();
        _run.Dispose();
        _teachers?.Dispose();
    }
}
