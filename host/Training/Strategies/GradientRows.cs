using KdMtlBench.Host.Training.Networks;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Strategies;

/// <summary>A buffer [rows, shared parameters] that gradients of several scalars accumulate in.</summary>
internal sealed class GradientRows : IDisposable
{
    /// <summary>Columns that one product of the Gramian takes: small enough for a core's cache.</summary>
    private const long ChunkLength = 16384;

    private readonly IReadOnlyList<Tensor> _rows;
    private readonly IReadOnlyList<IReadOnlyList<Tensor>> _views;

    public GradientRows(FlatParameters flat, int count, Device device)
    {
        Rows = zeros(count, flat.SharedLength, dtype: flat.Dtype, device: device).DetachFromDisposeScope();
        _rows = [.. Enumerable.Range(0, count).Select(i => Rows[i].DetachFromDisposeScope())];
        _views = [.. _rows.Select(flat.SharedViews)];
        foreach (var view in _views.SelectMany(row => row))
            view.DetachFromDisposeScope();
    }

    /// <summary>[rows, shared parameters, padding included].</summary>
    public Tensor Rows { get; }

    /// <summary>Number of rows.</summary>
    public int Count => _rows.Count;

    /// <summary>One row, and its views, one a shared parameter.</summary>
    public (Tensor Row, IReadOnlyList<Tensor> Views) Of(int index) => (_rows[index], _views[index]);

    /// <summary>J Jᵀ, [rows, rows]; in chunks of columns, which keeps both factors in the cache.</summary>
    public static Tensor Products(Tensor jacobian)
    {
        var (rows, columns) = (jacobian.shape[0], jacobian.shape[1]);
        var whole = columns / ChunkLength * ChunkLength;
        var rest = jacobian.narrow(1, whole, columns - whole);
        var products = rest.mm(rest.t());
        if (whole == 0)
            return products;
        var chunks = jacobian.narrow(1, 0, whole).view(rows, whole / ChunkLength, ChunkLength).transpose(0, 1);
        return products + chunks.bmm(chunks.transpose(1, 2)).sum([0]);
    }

    public void Dispose()
    {
        foreach (var view in _views.SelectMany(row => row).Concat(_rows))
            view.Dispose();
        Rows.Dispose();
    }
}
