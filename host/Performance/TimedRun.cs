using System.Diagnostics;
using KdMtlBench.Host.Benchmarks;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Host.Training;
using MathNet.Numerics.Statistics;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Performance;

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
        _run.Attach();
        _trainer = new Trainer(_run);
        _run.Network.TrainMode(true);
        _run.Strategy.StartEpoch([]);
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
        var order = tensor(Randomness.Permutation((int)_run.Data.Train.Count, Randomness.Source(_run.Spec.Seed, "order"))).to(_run.Device);
        var milliseconds = new List<double>();
        var watch = new Stopwatch();
        for (var i = 0; i < steps; i++, _step++)
        {
            var place = _step % _run.StepsPerEpoch;
            watch.Restart();
            using (NewDisposeScope())
                _trainer.TrainStep(_step / _run.StepsPerEpoch, place, order.narrow(0, (long)place * _run.BatchSize, _run.BatchSize));
            if (_run.Device.type == TorchSharp.DeviceType.CUDA)
                cuda.synchronize();
            milliseconds.Add(watch.Elapsed.TotalMilliseconds);
        }

        return milliseconds.Median();
    }

    public void Dispose()
    {
        _trainer.Dispose();
        _run.Dispose();
        _teachers?.Dispose();
    }
}
