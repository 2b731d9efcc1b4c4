using KdMtlBench.Contracts;
using KdMtlBench.Host.Benchmarks;
using KdMtlBench.Host.Models;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>What a strategy sees of the step under way; one instance serves a whole run.</summary>
internal sealed class TrainingStep(RunContext run) : ITrainingStep, IDisposable
{
    private Batch? _batch;
    private Features? _features;
    private IReadOnlyList<Tensor> _predictions = [];
    private Random? _random;
    private readonly Dictionary<int, (Features Features, Tensor Prediction)> _taught = [];
    private GradientRows? _rows;
    private IReadOnlyList<Tensor>? _objectivesAtRepresentation;
    private Tensor? _representationRows;
    private bool _bypass;

    public long Index { get; private set; } = -1;

    public int Epoch { get; private set; }

    public double Progress => (double)Index / run.Steps;

    public Random Random => _random ??= Randomness.Source(run.Spec.Seed, "step", Index);

    public IReadOnlyList<IReadOnlyList<double>> EpochLosses => run.EpochLosses;

    public IReadOnlyList<Tensor> Losses { get; private set; } = [];

    /// <summary>Backward passes through the trunk since the run began.</summary>
    public long BackwardPasses { get; private set; }

    public long SolverFailures { get; private set; }

    /// <summary>Takes over the counts of an earlier process.</summary>
    public void Restore(long backwardPasses, long solverFailures) => (BackwardPasses, SolverFailures) = (backwardPasses, solverFailures);

    /// <summary>Makes the forward pass of a batch.</summary>
    public void Begin(long index, int epoch, Batch batch)
    {
        (Index, Epoch, _batch, _random, _objectivesAtRepresentation, _bypass) = (index, epoch, batch, null, null, false);
        _taught.Clear();
        (_features, _predictions) = run.Network.Forward(batch);
        Losses = LossesOf(_predictions, batch);
    }

    public Tensor Prediction(int task) => _predictions[task];

    public Tensor Target(int task) => _batch!.Targets[task];

    public Tensor Loss(int task, Tensor target) => run.Tasks[task].SoftLoss(Prediction(task), Target(task), target);

    public Tensor Features(string tap, int task)
    {
        var features = Network.RowsOf(_features!, _batch!, task).Taps[tap];
        _bypass = true;
        return InFull(features);
    }

    public Tensor TeacherFeatures(string tap, int task) => InFull(Taught(task).Features.Taps[tap]);

    public Tensor TeacherPrediction(int task) => Taught(task).Prediction;

    public void Backward(Tensor objective)
    {
        objective.backward(retain_graph: true);
        run.Network.Flat.Collect();
        BackwardPasses++;
    }

    public Tensor Jacobian(IReadOnlyList<Tensor> objectives, GradientPoint at) => at switch
    {
        GradientPoint.SharedParameters => SharedJacobian(objectives),
        GradientPoint.Representation => RepresentationJacobian(objectives),
        GradientPoint.LastSharedLayer => LastLayerJacobian(objectives),
        _ => throw new ArgumentOutOfRangeException(nameof(at)),
    };

    public void Apply(Tensor direction, GradientPoint at)
    {
        switch (at)
        {
            case GradientPoint.SharedParameters:
                run.Network.Flat.SharedGradient.copy_(direction);
                break;
            case GradientPoint.Representation:
                var representation = Representation;
                BackwardPasses++;
                representation.backward([direction.view(representation.shape).to(representation.dtype)], retain_graph: true, inputs: run.SharedParameters);
                run.Network.Flat.Collect();
                break;
            default:
                throw new ArgumentException("gradients at the last shared layer are for looking only", nameof(at));
        }
    }

    public double[,] Gramian(IReadOnlyList<Tensor> objectives, GradientPoint at)
    {
        var jacobian = Jacobian(objectives, at);
        using var noGradient = no_grad();
        var products = GradientRows.Products(jacobian).to(ScalarType.Float64).cpu().data<double>().ToArray();
        var tasks = objectives.Count;
        var gramian = new double[tasks, tasks];
        Buffer.BlockCopy(products, 0, gramian, 0, products.Length * sizeof(double));
        for (var task = 0; task < tasks; task++)
            if (!double.IsFinite(gramian[task, task]))
            {
                ReportSolverFailure("the Gramian is not finite");
                throw new DivergedException($"the gradient of task `{run.Tasks[task].Id}` is not finite");
            }

        return gramian;
    }

    public void ApplyWeights(ReadOnlySpan<double> weights, GradientPoint at)
    {
        using var noGradient = no_grad();
        var shared = tensor(weights.ToArray(), dtype: run.Network.Flat.Dtype).to(run.Device);
        if (at == GradientPoint.SharedParameters)
        {
            run.Network.Flat.SharedGradient.copy_(shared.matmul(_rows!.Rows));
            return;
        }

        // Distillation terms at earlier taps do not pass through the representation: where there may be some, the
        // weighted objectives are taken back as a whole, which costs the heads a second pass.
        if (!_bypass)
        {
            Apply(shared.matmul(_representationRows!), at);
            return;
        }

        BackwardPasses++;
        using var gradient = enable_grad();
        (stack(_objectivesAtRepresentation!) * shared).sum().backward(retain_graph: true, inputs: run.SharedParameters);
        run.Network.Flat.Collect();
    }

    public Tensor LossesNow()
    {
        using var noGradient = no_grad();
        return stack(LossesAside(_batch!));
    }

    public IReadOnlyList<Tensor> ValidationLosses() => LossesAside(run.ValidationBatch(Index));

    public IReadOnlyList<Tensor> SampleLosses(int sample) => LossesAside(run.TrainingSample(Index, sample));

    public void ReportSolverFailure(string reason)
    {
        SolverFailures++;
    }

    public void Dispose() => _rows?.Dispose();

    private Tensor Representation => _features!.Representation
        ?? throw new InvalidOperationException($"the model `{run.Spec.Model.Entry.Id}` has no single shared representation");

    private Tensor SharedJacobian(IReadOnlyList<Tensor> objectives)
    {
        _rows ??= new GradientRows(run.Network.Flat, objectives.Count, run.Device);
        using (no_grad())
            _rows.Rows.zero_();
        for (var task = 0; task < objectives.Count; task++)
        {
            var (row, views) = _rows.Of(task);
            run.Network.Flat.Redirect(row, views);
            Backward(objectives[task]);
        }

        run.Network.Flat.RedirectBack();
        return _rows.Rows;
    }

    private Tensor RepresentationJacobian(IReadOnlyList<Tensor> objectives)
    {
        var inputs = run.UnsharedParameters.Prepend(Representation).ToList();
        _objectivesAtRepresentation = objectives;
        _representationRows = stack(objectives.Select(objective =>
        {
            var gradients = autograd.grad([objective], inputs, retain_graph: true, allow_unused: true);
            for (var i = 1; i < inputs.Count; i++)
                Accumulate(inputs[i], gradients[i]);
            run.Network.Flat.Collect();
            return FlatOrZero(gradients[0], inputs[0]);
        }));
        return _representationRows;
    }

    private Tensor LastLayerJacobian(IReadOnlyList<Tensor> objectives)
    {
        var layer = run.Network.Trunk.LastSharedLayer.Cast<Tensor>().ToList();
        return stack(objectives.Select(objective =>
        {
            var gradients = autograd.grad([objective], layer, retain_graph: true, allow_unused: true);
            return cat([.. gradients.Zip(layer, FlatOrZero)]);
        }));
    }

    /// <summary>autograd returns an invalid tensor where the objective does not depend on the input.</summary>
    private Tensor FlatOrZero(Tensor gradient, Tensor input) =>
        gradient.IsInvalid ? zeros(input.numel(), dtype: run.Network.Flat.Dtype, device: input.device) : InFull(gradient.flatten());

    private static void Accumulate(Tensor parameter, Tensor gradient)
    {
        if (gradient.IsInvalid)
            return;
        using var noGradient = no_grad();
        if (parameter.grad is { } sum)
            sum.add_(gradient);
        else
            parameter.grad = gradient;
    }

    /// <summary>In the type of the trained values.</summary>
    private Tensor InFull(Tensor features) => features.dtype == run.Network.Flat.Dtype ? features : features.to(run.Network.Flat.Dtype);

    private IReadOnlyList<Tensor> LossesAside(Batch batch)
    {
        run.Network.KeepStatistics();
        return LossesOf(run.Network.Forward(batch).Predictions, batch);
    }

    private IReadOnlyList<Tensor> LossesOf(IReadOnlyList<Tensor> predictions, Batch batch) =>
        [.. run.Tasks.Select((task, i) => task.Loss(predictions[i], batch.Targets[i]))];

    /// <summary>A teacher's outputs, made when they are first asked for.</summary>
    private (Features Features, Tensor Prediction) Taught(int task)
    {
        var teachers = run.Teachers
            ?? throw new InvalidOperationException("this strategy reads a teacher without asking for one: its Needs must hold StrategyNeeds.Teachers");
        if (!_taught.TryGetValue(task, out var outputs))
            _taught[task] = outputs = teachers.Forward(task, _batch!);
        return outputs;
    }
}
