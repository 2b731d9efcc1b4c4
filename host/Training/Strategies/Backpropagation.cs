using KdMtlBench.Host.Training.Networks;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Strategies;

/// <summary>The way from scalars back to parameters: through the graphs of a step's forward passes, or through the parts that they were made in.</summary>
internal sealed class Backpropagation
{
    private readonly List<PassInParts> _inParts = [];

    /// <summary>Forgets the passes of the step before.</summary>
    public void Begin() => _inParts.Clear();

    /// <summary>Takes note of a pass of this step.</summary>
    public ForwardPass Through(ForwardPass pass)
    {
        if (pass.InParts is { } parts)
            _inParts.Add(parts);
        return pass;
    }

    /// <summary>As <c>autograd.backward</c>; graphs stay.</summary>
    /// <param name="roots">Scalars, or with <paramref name="gradients"/> any tensors.</param>
    /// <param name="gradients">One a root, of its shape.</param>
    /// <param name="parameters">What gets gradients; all when left out, those of the strategies among them.</param>
    public void Backward(IList<Tensor> roots, IList<Tensor>? gradients = null, IList<Tensor>? parameters = null)
    {
        if (_inParts.Count == 0 || parameters is null)
            autograd.backward(roots, gradients, retain_graph: true, inputs: parameters);
        if (_inParts.Count == 0)
            return;
        var found = parameters is null ? null : autograd.grad(roots, Boundaries(), gradients, retain_graph: true, allow_unused: true).Select(PassInParts.Valid).ToList();
        foreach (var (pass, start) in Starts())
        {
            pass.Backward(found?.GetRange(start, pass.Boundary.Count) ?? [.. pass.Boundary.Select(tensor => tensor.grad)], parameters);
            using var noGradient = no_grad();
            foreach (var tensor in pass.Boundary)
                tensor.grad?.zero_();
        }
    }

    /// <summary>As <c>autograd.grad</c> of one scalar: its gradients for some parameters, and for a pass's representation in front of them where one is given.</summary>
    /// <returns>Null where the scalar does not depend on something.</returns>
    public IReadOnlyList<Tensor?> Gradients(Tensor scalar, IReadOnlyList<Tensor> parameters, ForwardPass? atRepresentationOf = null)
    {
        if (_inParts.Count == 0)
        {
            IList<Tensor> inputs = [.. atRepresentationOf is null ? [] : new[] { atRepresentationOf.Representation }, .. parameters];
            return [.. autograd.grad([scalar], inputs, retain_graph: true, allow_unused: true).Select(PassInParts.Valid)];
        }

        var found = autograd.grad([scalar], [.. Boundaries(), .. parameters], retain_graph: true, allow_unused: true).Select(PassInParts.Valid).ToList();
        var sums = found.GetRange(found.Count - parameters.Count, parameters.Count);
        Tensor? representation = null;
        foreach (var (pass, start) in Starts())
        {
            var here = pass == atRepresentationOf?.InParts;
            var more = pass.Gradients(found.GetRange(start, pass.Boundary.Count), parameters, here);
            representation = here ? more[0] : representation;
            sums = [.. sums.Zip(more.Skip(here ? 1 : 0), (sum, other) => sum is null ? other : other is null ? sum : sum + other)];
        }

        return atRepresentationOf is null ? sums : [representation, .. sums];
    }

    /// <summary>As <c>autograd.grad</c> of one scalar, on a graph.</summary>
    /// <returns>Null where the scalar does not depend on something.</returns>
    public IReadOnlyList<Tensor?> DifferentiableGradients(Tensor scalar, IList<Tensor> parameters) => _inParts.Count == 0
        ? [.. autograd.grad([scalar], parameters, retain_graph: true, create_graph: true, allow_unused: true).Select(PassInParts.Valid)]
        : throw new InvalidOperationException("a gradient cannot be differentiated where a step takes its batch in parts: leave `accumulate` out");

    private Tensor[] Boundaries() => [.. _inParts.SelectMany(pass => pass.Boundary)];

    private IEnumerable<(PassInParts Pass, int Start)> Starts()
    {
        var start = 0;
        foreach (var pass in _inParts)
        {
            yield return (pass, start);
            start += pass.Boundary.Count;
        }
    }
}
