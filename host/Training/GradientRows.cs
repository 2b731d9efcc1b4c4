using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>The buffer [tasks, shared parameters] that per-task gradients accumulate in; made once a run.</summary>
internal sealed class GradientRows : IDisposable
{
    /// <summary>Columns that one product of the Gramian takes: small enough for a core's cache.</summary>
    private const long ChunkLength = 16384;

    private readonly IReadOnlyList<Tensor> _rows;
    private readonly IReadOnlyList<IReadOnlyList<Tensor>> _views;

    public GradientRows(FlatParameters flat, int tasks, Device device)
    {
        Rows = zeros(tasks, flat.SharedLength, dtype: flat.Dtype, device: device).DetachFromDisposeScope();
        _rows = [.. Enumerable.Range(0, tasks).Select(task => Rows[task].DetachFromDisposeScope())];
        _views = [.. _rows.Select(flat.SharedViews)];
        foreach (var view in _views.SelectMany(row => row))
            view.DetachFromDisposeScope();
    }

    /// <summary>[tasks, shared parameters, gaps included].</summary>
    public Tensor Rows { get; }

    /// <summary>One task's row, and its views, one a shared parameter.</summary>
    public (Tensor Row, IReadOnlyList<Tensor> Views) Of(int task) => (_rows[task], _views[task]);

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
