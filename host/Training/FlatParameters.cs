using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>All parameters of a network as views of one buffer, their gradients as views of another.</summary>
/// <remarks>
/// One optimiser call, one zeroing, one copy serve the whole network. The shared parameters come first, so that a
/// gradient of theirs is a prefix; each parameter starts at a multiple of 16 floats (64 bytes), and the gaps stay zero.
/// </remarks>
internal sealed class FlatParameters : IDisposable
{
    private const int Alignment = 16;
    private readonly IReadOnlyList<(Parameter Parameter, long Start)> _shared;
    private readonly IReadOnlyList<Tensor> _sharedGradients;

    public FlatParameters(IReadOnlyList<Parameter> shared, IReadOnlyList<Parameter> others, Device device)
    {
        using var noGradient = no_grad();
        var placed = new List<(Parameter Parameter, long Start)>();
        long end = 0;
        foreach (var parameter in shared.Concat(others))
        {
            placed.Add((parameter, end));
            end += Aligned(parameter.numel());
            if (placed.Count == shared.Count)
                SharedLength = end;
        }

        SharedCount = shared.Sum(parameter => parameter.numel());
        Values = new Parameter(zeros(end, device: device));
        Gradient = zeros(end, device: device);
        Values.grad = Gradient;
        foreach (var (parameter, start) in placed)
        {
            using var view = View(Values, parameter, start);
            view.copy_(parameter);
            parameter.set_(view);
        }

        _shared = [.. placed.Take(shared.Count)];
        _sharedGradients = SharedViews(Gradient);
        Use(_sharedGradients);
        foreach (var (parameter, start) in placed.Skip(shared.Count))
        {
            using var view = View(Gradient, parameter, start);
            parameter.grad = view;
        }

        SharedGradient = Gradient.narrow(0, 0, SharedLength);
    }

    /// <summary>[padded length] every parameter's values.</summary>
    public Parameter Values { get; }

    /// <summary>[padded length] every parameter's gradient.</summary>
    public Tensor Gradient { get; }

    /// <summary>[<see cref="SharedLength"/>] the shared parameters' part of <see cref="Gradient"/>.</summary>
    public Tensor SharedGradient { get; }

    /// <summary>Floats the shared parameters take up, gaps included.</summary>
    public long SharedLength { get; }

    /// <summary>Trainable scalars that are shared.</summary>
    public long SharedCount { get; }

    /// <summary>Views of a buffer of <see cref="SharedLength"/> floats, one a shared parameter, in its shape.</summary>
    public IReadOnlyList<Tensor> SharedViews(Tensor buffer) => [.. _shared.Select(p => View(buffer, p.Parameter, p.Start))];

    /// <summary>Lets backward passes accumulate the shared parameters' gradients in these views instead.</summary>
    public void Redirect(IReadOnlyList<Tensor> views) => Use(views);

    /// <summary>Lets backward passes accumulate in <see cref="Gradient"/> again.</summary>
    public void RedirectBack() => Use(_sharedGradients);

    public void Dispose()
    {
        SharedGradient.Dispose();
        foreach (var view in _sharedGradients)
            view.Dispose();
        Gradient.Dispose();
        Values.Dispose();
    }

    private static long Aligned(long count) => (count + Alignment - 1) / Alignment * Alignment;

    private static Tensor View(Tensor buffer, Parameter like, long start)
    {
        using var part = buffer.detach().narrow(0, start, like.numel());
        return ChannelsLast.View(part, like.shape);
    }

    private void Use(IReadOnlyList<Tensor> gradients)
    {
        for (var i = 0; i < _shared.Count; i++)
            _shared[i].Parameter.grad = gradients[i];
    }
}
