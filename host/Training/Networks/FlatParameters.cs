using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Networks;

/// <summary>All parameters of a network as views of one buffer, their gradients as views of another.</summary>
/// <remarks>
/// One optimiser call, one zeroing, one copy serve the whole network. The shared parameters come first, so that a
/// gradient of theirs is a prefix; each parameter starts at a multiple of 16 floats (64 bytes), and the gaps stay zero.
/// Layers that compute in bfloat16 see a copy of their values in it and leave their gradients in it; the values that are
/// trained and every gradient that is looked at stay in float32 (Micikevicius et al., ICLR 2018, section 3.1).
/// </remarks>
internal sealed class FlatParameters : IDisposable
{
    private const int Alignment = 16;
    private readonly List<Place> _places = [];
    private readonly int _sharedParameters;
    private readonly Tensor _otherGradient;
    private IReadOnlyList<Parameter> _parameters = [];
    private IReadOnlyList<Tensor> _sharedViews = [];
    private Tensor? _halfValues;
    private Tensor? _halfGradient;
    private readonly Dictionary<Tensor, Tensor> _masters = new(ReferenceEqualityComparer.Instance);
    private Tensor _sharedTarget;

    /// <summary>Takes the values over; <see cref="Bind"/> makes the parameters views of them.</summary>
    public FlatParameters(IReadOnlyList<Parameter> shared, IReadOnlyList<Parameter> others, Device device)
    {
        using var noGradient = no_grad();
        Dtype = others.Concat(shared).First().dtype;
        long end = 0;
        foreach (var parameter in shared.Concat(others))
        {
            _places.Add(new Place(end, parameter.shape));
            end += (parameter.numel() + Alignment - 1) / Alignment * Alignment;
            if (_places.Count == shared.Count)
                SharedLength = end;
        }

        _sharedParameters = shared.Count;
        SharedCount = shared.Sum(parameter => parameter.numel());
        Values = new Parameter(zeros(end, dtype: Dtype, device: device));
        Gradient = zeros(end, dtype: Dtype, device: device);
        Values.grad = Gradient;
        SharedGradient = _sharedTarget = Gradient.narrow(0, 0, SharedLength);
        _otherGradient = Gradient.narrow(0, SharedLength, end - SharedLength);
        foreach (var (place, parameter) in _places.Zip(shared.Concat(others)))
        {
            using var mine = place.In(Values);
            mine.copy_(parameter);
        }
    }

    /// <summary>Of the trained values and of every gradient that is looked at.</summary>
    public ScalarType Dtype { get; }

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

    /// <summary>Makes the parameters views of the buffers: of <see cref="Values"/>, or of its copy in bfloat16.</summary>
    /// <param name="parameters">Those of the constructor, in its order; some of them in bfloat16 now.</param>
    public void Bind(IReadOnlyList<Parameter> parameters)
    {
        using var noGradient = no_grad();
        _parameters = parameters;
        if (parameters.Any(IsHalf))
        {
            _halfValues = zeros_like(Values, dtype: ScalarType.BFloat16).detach();
            _halfGradient = zeros_like(_halfValues);
        }

        foreach (var (parameter, place) in parameters.Zip(_places))
        {
            using var values = place.In(IsHalf(parameter) ? _halfValues! : Values);
            parameter.set_(values);
            using var gradient = place.In(IsHalf(parameter) ? _halfGradient! : Gradient);
            parameter.grad = gradient;
            if (IsHalf(parameter))
                _masters[parameter] = place.In(Values);
        }

        _sharedViews = SharedViews(SharedGradient);
        ValuesChanged();
    }

    /// <summary>[<see cref="SharedLength"/>] gradients of the shared parameters in their places, on the graph that they are on.</summary>
    /// <param name="gradients">One a shared parameter; null for zeros.</param>
    public Tensor SharedRow(IReadOnlyList<Tensor?> gradients) => cat([.. _places.Take(_sharedParameters).Zip(gradients, (place, gradient) =>
    {
        var values = gradient is null ? zeros(place.Count, dtype: Dtype, device: Values.device) : place.Flatten(gradient).to(Dtype);
        return nn.functional.pad(values, [0, (Alignment - place.Count % Alignment) % Alignment]);
    })]);

    /// <summary>The values that are trained, of a parameter that computes with a copy of them; any other tensor itself.</summary>
    public Tensor Master(Tensor parameter) => _masters.GetValueOrDefault(parameter, parameter);

    /// <summary>To be called whenever <see cref="Values"/> got others.</summary>
    public void ValuesChanged()
    {
        using var noGradient = no_grad();
        _halfValues?.copy_(Values);
    }

    /// <summary>Adds what a backward pass left in bfloat16 to where its gradients go; to be called after each.</summary>
    public void Collect()
    {
        if (_halfGradient is null)
            return;
        using var noGradient = no_grad();
        using var shared = _halfGradient.narrow(0, 0, SharedLength);
        using var others = _halfGradient.narrow(0, SharedLength, _otherGradient.numel());
        _sharedTarget.add_(shared);
        _otherGradient.add_(others);
        _halfGradient.zero_();
    }

    /// <summary>Views of a buffer of <see cref="SharedLength"/> floats, one a shared parameter, in its shape.</summary>
    public IReadOnlyList<Tensor> SharedViews(Tensor buffer) => [.. _places.Take(_sharedParameters).Select(place => place.In(buffer))];

    /// <summary>Where each group of parameters, in their order, lies in a flat buffer.</summary>
    /// <param name="counts">Of the parameters in each group.</param>
    public IReadOnlyList<(long Start, long Length)> Parts(IEnumerable<int> counts)
    {
        var first = 0;
        return [.. counts.Select(count =>
        {
            var (start, end) = (StartOf(first), StartOf(first += count));
            return (start, end - start);
        })];

        long StartOf(int parameter) => parameter < _places.Count ? _places[parameter].Start : Gradient.numel();
    }

    /// <summary>Lets backward passes accumulate the shared parameters' gradients elsewhere.</summary>
    /// <param name="row">[<see cref="SharedLength"/>].</param>
    /// <param name="views">Its <see cref="SharedViews"/>.</param>
    public void Redirect(Tensor row, IReadOnlyList<Tensor> views)
    {
        _sharedTarget = row;
        foreach (var (parameter, view) in _parameters.Zip(views))
            if (!IsHalf(parameter))
                parameter.grad = view;
    }

    /// <summary>Lets backward passes accumulate in <see cref="Gradient"/> again.</summary>
    public void RedirectBack() => Redirect(SharedGradient, _sharedViews);

    public void Dispose()
    {
        foreach (var tensor in _masters.Values.Concat(_sharedViews))
            tensor.Dispose();
        _halfGradient?.Dispose();
        _halfValues?.Dispose();
        _otherGradient.Dispose();
        SharedGradient.Dispose();
        Gradient.Dispose();
        Values.Dispose();
    }

    private static bool IsHalf(Parameter parameter) => parameter.dtype == ScalarType.BFloat16;

    /// <summary>Where a parameter lies in a buffer.</summary>
    private sealed record Place(long Start, long[] Shape)
    {
        public long Count => Shape.Aggregate(1L, (product, side) => product * side);

        public Tensor In(Tensor buffer)
        {
            using var part = buffer.detach().narrow(0, Start, Count);
            return View(part);
        }

        /// <summary>[count] values of the parameter's shape in the buffer's order.</summary>
        public Tensor Flatten(Tensor values) => (Shape.Length == 4 ? values.permute(0, 2, 3, 1) : values).flatten();

        /// <summary>As a convolution's weight [outputs, inputs, height, width] with the inputs last in memory, as <see cref="ChannelsLast"/>
        /// lays out images; else row by row.</summary>
        private Tensor View(Tensor part)
        {
            if (Shape.Length != 4)
                return part.view(Shape);
            using var packed = part.view(Shape[0], Shape[2], Shape[3], Shape[1]);
            return packed.permute(0, 3, 1, 2);
        }
    }
}
