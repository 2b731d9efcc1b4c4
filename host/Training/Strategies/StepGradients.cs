using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Strategies;

/// <summary>The objectives' gradients of one step, for the list's gradient strategy.</summary>
internal sealed class StepGradients(TrainingStep step, int place, IReadOnlyList<Tensor> objectives, GradientPoint at) : TaskGradients
{
    private readonly RunContext _run = step.Run;
    private readonly Dictionary<int, Tensor> _single = [];
    private Tensor? _rows;

    public override IReadOnlyList<Tensor> Objectives => objectives;

    public override Tensor Rows => _rows ??= _single.Count == 0
        ? RowsOf(objectives)
        : throw new InvalidOperationException($"`{_run.StrategyId(place)}` takes both single rows and all of them; a head would have its gradient twice");

    public override Tensor Row(int task)
    {
        if (_rows is not null)
            return _rows[task];
        if (!_single.TryGetValue(task, out var row))
            _single[task] = row = RowsOf([objectives[task]])[0];
        return row;
    }

    public override Tensor Representation => at == GradientPoint.Representation
        ? step.Pass.Representation.detach()
        : throw new InvalidOperationException("these gradients are taken at the shared parameters, not at the representation");

    /// <summary>[tasks] what was applied; null where a direction was, or nothing yet.</summary>
    public Tensor? AppliedWeights { get; private set; }

    /// <summary>Whether the shared parameters have their gradient.</summary>
    public bool Applied { get; private set; }

    public override double[,] Gramian()
    {
        using var noGradient = no_grad();
        var products = GradientRows.Products(Rows).to(ScalarType.Float64).cpu().data<double>().ToArray();
        var tasks = objectives.Count;
        var gramian = new double[tasks, tasks];
        Buffer.BlockCopy(products, 0, gramian, 0, products.Length * sizeof(double));
        for (var task = 0; task < tasks; task++)
            if (!double.IsFinite(gramian[task, task]))
                throw new DivergedException($"the gradient of task `{step.Present[task].Id}` is not finite");
        return gramian;
    }

    public override void ApplyWeights(Tensor weights)
    {
        Begin(weights);
        AppliedWeights = weights;
        using var noGradient = no_grad();
        if (at == GradientPoint.SharedParameters)
            _run.Network.Flat.SharedGradient.copy_(weights.matmul(Rows));
        else if (!_run.BypassesRepresentation)
            ThroughTrunk(weights.matmul(Rows));
        else
        {
            using var gradient = enable_grad();
            step.BackwardThroughShared([(stack(objectives) * weights).sum()]); // the heads' second pass is the price of the terms beside z
        }
    }

    public override void ApplyDirection(Tensor direction, Tensor weights)
    {
        Begin(weights);
        using var noGradient = no_grad();
        if (at == GradientPoint.SharedParameters)
            _run.Network.Flat.SharedGradient.copy_(direction);
        else if (!_run.BypassesRepresentation)
            ThroughTrunk(direction);
        else
        {
            // The sum's own gradient at z is Σ gᵢ: what is added there makes it the direction, and terms beside z keep weight 1.
            using var gradient = enable_grad();
            var sum = stack(objectives).sum();
            step.BackwardThroughShared([sum, step.Pass.Representation], [ones_like(sum), AtRepresentation(direction - Rows.sum([0]))]);
        }
    }

    private void Begin(Tensor weights)
    {
        if (Applied)
            throw new InvalidOperationException($"`{_run.StrategyId(place)}` applies a direction twice in one step");
        if (_single.Count == 0)
            _ = Rows; // leaves the heads their gradients
        Applied = true;
        step.Log.RecordWeights(place, weights);
    }

    private void ThroughTrunk(Tensor direction) => step.BackwardThroughShared([step.Pass.Representation], [AtRepresentation(direction)]);

    private Tensor AtRepresentation(Tensor direction) => direction.view(step.Pass.Representation.shape).to(step.Pass.Representation.dtype);

    private Tensor RowsOf(IReadOnlyList<Tensor> scalars) => at == GradientPoint.SharedParameters ? step.SharedRows(scalars) : RepresentationRows(scalars);

    private Tensor RepresentationRows(IReadOnlyList<Tensor> scalars)
    {
        var unshared = _run.UnsharedParameters.ToList();
        return stack(scalars.Select(scalar =>
        {
            var gradients = step.GradientsAtRepresentation(scalar, unshared);
            foreach (var (parameter, gradient) in unshared.Zip(gradients.Skip(1)))
                Accumulate(parameter, gradient);
            _run.Network.Flat.Collect();
            return step.FlatOrZero(gradients[0], step.Pass.Representation);
        }));
    }

    private static void Accumulate(Tensor parameter, Tensor? gradient)
    {
        if (gradient is null)
            return;
        using var noGradient = no_grad();
        if (parameter.grad is { } sum)
            sum.add_(gradient);
        else
            parameter.grad = gradient;
    }
}
