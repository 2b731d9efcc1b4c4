using KdMtlBench.Host.Training.Networks;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Strategies;

/// <summary>Buffers of gradient rows that are used again in every step, so that rows taken in one step never overwrite each other.</summary>
internal sealed class GradientRowsPool(FlatParameters flat, Device device) : IDisposable
{
    private readonly List<GradientRows> _buffers = [];
    private int _taken;

    /// <summary>A new step: what was taken may be used again.</summary>
    public void Reset() => _taken = 0;

    /// <summary>A buffer of as many rows or more, valid until <see cref="Reset"/>.</summary>
    public GradientRows Take(int rows)
    {
        if (_taken == _buffers.Count)
            _buffers.Add(new GradientRows(flat, rows, device));
        else if (_buffers[_taken].Count < rows)
        {
            _buffers[_taken].Dispose();
            _buffers[_taken] = new GradientRows(flat, rows, device);
        }

        return _buffers[_taken++];
    }

    public void Dispose()
    {
        foreach (var buffer in _buffers)
            buffer.Dispose();
    }
}
