using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Networks;

/// <summary>A forward pass of a batch in parts, one after the other: what a part leaves within the network is dropped at once and made again on the
/// way back, so that the memory of one part is enough.</summary>
/// <remarks>From the outputs on there is one graph of the whole batch; losses, objectives and gradients are those of a pass over all of it at once.
/// Batch norm alone sees each part by itself.</remarks>
internal sealed class PassInParts
{
    private readonly Network _network;
    private readonly IReadOnlyList<NetworkInputs> _parts;
    private readonly IReadOnlyList<Tensor>? _rows;
    private readonly IReadOnlyList<long[]> _lengths;
    private readonly int _representation;

    public PassInParts(Network network, NetworkInputs inputs, int parts)
    {
        _network = network;
        _parts = [.. Enumerable.Range(0, parts).Select(part => PartOf(inputs, part, parts))];
        _rows = inputs.Rows is null ? null : [.. Enumerable.Range(0, parts).Select(part => RowsOf(inputs, part, parts))];
        using var noGradient = no_grad();
        NetworkOutputs[] made = [.. _parts.Select(network.OutputsOf)];
        network.KeepStatistics(); // what is made again does not move them again
        IReadOnlyList<Tensor>[] tensors = [.. made.Select(Distinct)];
        _lengths = [.. tensors[0].Select((_, i) => tensors.Select(part => part[i].shape[0]).ToArray())];
        _representation = made[0].Representation is { } shared ? IndexOf(tensors[0], shared) : -1;
        Boundary = [.. _lengths.Select((_, i) => InOrder(i, cat([.. tensors.Select(part => part[i])])).requires_grad_())];
        Outputs = With(made[0], tensor => Boundary[IndexOf(tensors[0], tensor)]);
    }

    /// <summary>Of the whole batch.</summary>
    public NetworkOutputs Outputs { get; }

    /// <summary>Every tensor of <see cref="Outputs"/>, once; leaves of the graph, at which the way back begins anew.</summary>
    public IReadOnlyList<Tensor> Boundary { get; }

    /// <summary>Adds to parameters what follows from gradients at the boundary.</summary>
    /// <param name="gradients">One for each tensor of <see cref="Boundary"/>, null where there is none.</param>
    /// <param name="parameters">All when left out.</param>
    public void Backward(IReadOnlyList<Tensor?> gradients, IList<Tensor>? parameters)
    {
        foreach (var part in Enumerable.Range(0, _parts.Count))
        {
            using var scope = NewDisposeScope();
            var (_, roots, parts) = MadeAgain(part, gradients);
            if (roots.Count > 0)
                autograd.backward(roots, parts, inputs: parameters);
            _network.Flat.Collect();
        }
    }

    /// <summary>What follows from gradients at the boundary for some parameters, and for the representation in front of them where that is asked for.</summary>
    /// <returns>Null where nothing follows.</returns>
    public IReadOnlyList<Tensor?> Gradients(IReadOnlyList<Tensor?> gradients, IReadOnlyList<Tensor> parameters, bool withRepresentation)
    {
        var sums = new Tensor?[parameters.Count];
        var representation = new List<Tensor>();
        foreach (var part in Enumerable.Range(0, _parts.Count))
        {
            using var scope = NewDisposeScope();
            var (outputs, roots, parts) = MadeAgain(part, gradients);
            IList<Tensor> inputs = [.. withRepresentation ? [outputs.Representation!] : Array.Empty<Tensor>(), .. parameters];
            var found = roots.Count == 0 ? [.. inputs.Select(_ => (Tensor?)null)] : autograd.grad(roots, inputs, parts, allow_unused: true).Select(Valid).ToList();
            if (withRepresentation)
                representation.Add((found[0] ?? zeros_like(outputs.Representation!)).MoveToOuterDisposeScope());
            foreach (var (i, more) in found.Skip(inputs.Count - parameters.Count).Index())
                sums[i] = more is null ? sums[i] : (sums[i] is { } sum ? sum + more : more).MoveToOuterDisposeScope();
        }

        return withRepresentation ? [InOrder(_representation, cat(representation)), .. sums] : sums;
    }

    /// <summary>autograd returns an invalid tensor where nothing depends on the input.</summary>
    public static Tensor? Valid(Tensor gradient) => gradient.IsInvalid ? null : gradient;

    /// <summary>A part with its graph, and the gradients at those of its outputs that have some.</summary>
    private (NetworkOutputs Outputs, IList<Tensor> Roots, IList<Tensor> Gradients) MadeAgain(int part, IReadOnlyList<Tensor?> gradients)
    {
        using var gradient = enable_grad();
        var outputs = _network.OutputsOf(_parts[part]);
        var (roots, parts) = (new List<Tensor>(), new List<Tensor>());
        foreach (var (i, tensor) in Distinct(outputs).Index())
        {
            if (gradients[i] is not { } whole || !tensor.requires_grad)
                continue;
            roots.Add(tensor);
            parts.Add(i == _representation && _rows is not null
                ? whole.index_select(0, _rows[part])
                : whole.narrow(0, _lengths[i].Take(part).Sum(), _lengths[i][part]));
        }

        return (outputs, roots, parts);
    }

    /// <summary>The rows of the parts as they stand in the batch: a tensor of all samples starts with the first task's where each task has its own.</summary>
    private Tensor InOrder(int tensor, Tensor parts) =>
        tensor == _representation && _rows is not null ? parts.index_select(0, cat([.. _rows]).argsort()) : parts;

    private static IReadOnlyList<Tensor> Distinct(NetworkOutputs outputs) => [.. outputs.Tasks
        .SelectMany(task => task.Taps.Values.Prepend(task.Prediction).Append(task.Representation)).Append(outputs.Representation)
        .OfType<Tensor>().Distinct<Tensor>(ReferenceEqualityComparer.Instance)];

    private static int IndexOf(IReadOnlyList<Tensor> tensors, Tensor one) => tensors.Index().First(tensor => ReferenceEquals(tensor.Item, one)).Index;

    private static NetworkOutputs With(NetworkOutputs outputs, Func<Tensor, Tensor> changed) => new(
        [.. outputs.Tasks.Select(task => new TaskOutput(
            changed(task.Prediction),
            task.Taps.ToDictionary(tap => tap.Key, tap => changed(tap.Value), StringComparer.Ordinal),
            task.Representation is null ? null : changed(task.Representation)))],
        outputs.Representation is null ? null : changed(outputs.Representation));

    private static NetworkInputs PartOf(NetworkInputs inputs, int part, int parts)
    {
        foreach (var (name, tensor) in inputs.Tensors)
            if (tensor.shape.FirstOrDefault() != inputs.Count)
                throw new InvalidOperationException($"`accumulate` splits a batch, and its input `{name}` does not have one row a sample");
        if (inputs.Rows is not { } rows)
        {
            var (start, count) = Part((0, inputs.Count), part, parts);
            return inputs with { Tensors = Each(tensor => tensor.narrow(0, start, count)), Count = count };
        }

        (long Start, long Count)[] own = [.. rows.Select(of => Part(of, part, parts))];
        var starts = own.Select((_, task) => own.Take(task).Sum(of => of.Count));
        return inputs with
        {
            Tensors = Each(tensor => cat([.. own.Select(of => tensor.narrow(0, of.Start, of.Count))])),
            Count = own.Sum(of => of.Count),
            Rows = [.. own.Zip(starts, (of, start) => (start, of.Count))],
        };

        Dictionary<string, Tensor> Each(Func<Tensor, Tensor> some) => inputs.Tensors.ToDictionary(input => input.Key, input => some(input.Value), StringComparer.Ordinal);
    }

    /// <summary>[samples of the part] where they stand in the batch.</summary>
    private static Tensor RowsOf(NetworkInputs inputs, int part, int parts) => cat([.. inputs.Rows!.Select(rows => Part(rows, part, parts))
        .Select(rows => arange(rows.Start, rows.Start + rows.Count, dtype: ScalarType.Int64, device: inputs.Tensors.Values.First().device))]);

    private static (long Start, long Count) Part((long Start, long Count) rows, int part, int parts)
    {
        if (rows.Count < parts)
            throw new InvalidOperationException($"{rows.Count} samples do not make {parts} parts (`accumulate`)");
        var (start, end) = (rows.Count * part / parts, rows.Count * (part + 1) / parts);
        return (rows.Start + start, end - start);
    }
}
