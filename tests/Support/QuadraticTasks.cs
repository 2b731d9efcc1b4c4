using TorchSharp;
using TorchSharp.Modules;

namespace KdMtlBench.Tests.Support;

/// <summary>A training without a network: task i's loss is ½ cᵢ‖θ − aᵢ‖² + bᵢ, its gradient cᵢ(θ − aᵢ), and every gradient
/// point is θ. Setup and step in one; what strategies leave is in the public properties.</summary>
internal sealed class QuadraticTasks : ITrainingSetup, ITrainingStep, IDisposable
{
    // Besides freeing tensors, the scope keeps them from the finaliser while native code works on them.
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _curvatures;
    private readonly Tensor _minima;
    private readonly Tensor _offsets;
    private readonly List<(Parameter Parameter, optim.Optimizer Optimizer)> _trained = [];
    private IReadOnlyList<Tensor> _losses = [];
    private double[]? _weights;

    /// <param name="curvatures">c, [tasks].</param>
    /// <param name="minima">a, [tasks][parameters].</param>
    /// <param name="offsets">b, [tasks].</param>
    public QuadraticTasks(double[] curvatures, double[][] minima, double[] offsets)
    {
        _curvatures = tensor(curvatures, dtype: ScalarType.Float32);
        _minima = stack(minima.Select(row => tensor(row, dtype: ScalarType.Float32)));
        _offsets = tensor(offsets, dtype: ScalarType.Float32);
        Shared = new Parameter(zeros(minima[0].Length));
        Tasks = [.. curvatures.Select((_, i) => new TaskInfo($"task-{i}", i == 0 ? TaskKind.Classification : TaskKind.Regression, 10))];
    }

    /// <summary>Tasks whose gradients at θ = 0 are <paramref name="rows"/> and whose losses there are <paramref name="losses"/>.</summary>
    public static QuadraticTasks WithGradients(double[][] rows, double[] losses) =>
        new([.. rows.Select(_ => 1.0)], [.. rows.Select(row => row.Select(value => -value).ToArray())],
            [.. rows.Select((row, i) => losses[i] - Gramians.Dot(row, row) / 2)]);

    /// <summary>θ, zero at first.</summary>
    public Parameter Shared { get; }

    public List<string> SolverFailures { get; } = [];

    public int BackwardPasses { get; private set; }

    public Dictionary<string, Tensor> Buffers { get; } = [];

    public Parameter Trained => _trained.Single().Parameter;

    /// <summary>Gradients as they are now, [tasks][parameters].</summary>
    public double[][] Gradients() => [.. Enumerable.Range(0, Tasks.Count).Select(i => Gradient(i).to(ScalarType.Float64).data<double>().ToArray())];

    public double[] SharedGradient() => Shared.grad!.to(ScalarType.Float64).data<double>().ToArray();

    /// <summary>One step of the strategy with plain gradient descent on θ.</summary>
    /// <returns>The weights it recorded; 1 where it records none.</returns>
    public double[] Train(Strategy strategy, double learningRate = 0)
    {
        Shared.grad = zeros_like(Shared);
        _weights = null;
        _losses = LossesAtShared(_minima);
        var objectives = strategy.Objectives(this, _losses);
        if (strategy is GradientStrategy gradient)
            gradient.Combine(this, new ObjectiveGradients(this, objectives));
        else
            Backward(stack(objectives).sum());
        using (no_grad())
            Shared.add_(Shared.grad!, alpha: -learningRate);
        StepTrained();
        strategy.AfterStep(this);
        StepTrained();
        Index++;
        return _weights ?? [.. Tasks.Select(_ => 1.0)];
    }

    public void Dispose() => _scope.Dispose();

    public IReadOnlyList<TaskInfo> Tasks { get; }

    public Device Device => CPU;

    public ScalarType Dtype => ScalarType.Float32;

    public IReadOnlyList<FeatureTap> Taps => [];

    public long SharedParameterCount => Shared.numel();

    public long SharedGradientLength => Shared.numel();

    public double LearningRate { get; init; } = 1e-3;

    public int Epochs { get; init; } = 1;

    public long Steps => 1000;

    public Random Random => new((int)Index);

    public long Index { get; private set; }

    public int Epoch => EpochLosses.Count;

    public double Progress => 0;

    public IReadOnlyList<IReadOnlyList<double>> EpochLosses { get; set; } = [];

    public IReadOnlyList<Tensor> Losses => _losses;

    public bool IsReevaluation => false;

    public IReadOnlyList<(long Start, long Count)>? OwnSamples => null;

    public void AddModule(nn.Module module, double learningRate, double weightDecay = 0) => throw new NotSupportedException();

    public Parameter AddParameter(Tensor initial, double learningRate, double weightDecay = 0)
    {
        var parameter = new Parameter(initial.clone());
        _trained.Add((parameter, optim.Adam([parameter], learningRate, weight_decay: weightDecay)));
        return parameter;
    }

    public Parameter AddTaskParameter(Tensor initial, double learningRate, double weightDecay = 0) => AddParameter(initial, learningRate, weightDecay);

    public Tensor AddTaskBuffer(string name, Tensor initial, bool pairs = false) => AddBuffer(name, initial);

    public Tensor AddBuffer(string name, Tensor initial) => Buffers[name] = initial.clone();

    public void RecordWeights(Tensor weights) => _weights = weights.to(ScalarType.Float64).data<double>().ToArray();

    public Tensor LastLayerGradients() => Rows(_losses);

    public Tensor GradientsOf(IReadOnlyList<Tensor> scalars) => Rows(scalars);

    public void ReportSolverFailure(string reason, double residual) => SolverFailures.Add(FormattableString.Invariant($"{reason}: residual {residual:g3};"));

    public Tensor Prediction(int task) => throw new NotSupportedException();

    public Tensor Target(int task) => throw new NotSupportedException();

    public Tensor SoftLoss(int task, Tensor target) => throw new NotSupportedException();

    public Tensor Features(string tap, int task) => throw new NotSupportedException();

    public Tensor Representation(int task) => throw new NotSupportedException();

    public Tensor TeacherFeatures(string tap, int task) => throw new NotSupportedException();

    public Tensor TeacherPrediction(int task) => throw new NotSupportedException();

    public Tensor DifferentiableGradientsOf(IReadOnlyList<Tensor> scalars) => throw new NotSupportedException();

    public Tensor GradientsAt(Tensor offset) => throw new NotSupportedException();

    public IReadOnlyList<IReadOnlyList<Tensor>> PartialLosses(int parts) => throw new NotSupportedException();

    public Tensor RecomputeLosses() => stack(LossesAtShared(_minima)).detach();

    /// <summary>The sample that has the training losses' minima; −1 for none.</summary>
    public int OwnSample { get; init; }

    /// <summary>Minima of the validation losses, and of the samples', [tasks, parameters]; the training losses' own unless set.</summary>
    public Tensor? OtherMinima { get; set; }

    public IReadOnlyList<Tensor> ValidationLosses() => LossesAtShared(OtherMinima ?? _minima);

    public IReadOnlyList<Tensor> ResampledLosses(int sample) => LossesAtShared(sample == OwnSample ? _minima : OtherMinima ?? _minima);

    private IReadOnlyList<Tensor> LossesAtShared(Tensor minima) =>
        (0.5 * _curvatures * (Shared - minima).square().sum(1) + _offsets).unbind();

    /// <summary>The last one that a parameter of the strategy's own had.</summary>
    public Tensor? TrainedGradient { get; private set; }

    private void StepTrained()
    {
        foreach (var (parameter, optimizer) in _trained)
        {
            optimizer.step();
            TrainedGradient = parameter.grad?.clone() ?? TrainedGradient;
            parameter.grad = null;
        }
    }

    private void Backward(Tensor scalar)
    {
        BackwardPasses++;
        scalar.backward(retain_graph: true);
    }

    private Tensor Rows(IReadOnlyList<Tensor> scalars) =>
        stack(scalars.Select(scalar => autograd.grad([scalar], [Shared], retain_graph: true)[0]));

    /// <summary>The objectives' gradients; parameters of the strategy's own accumulate theirs, as in the host.</summary>
    private sealed class ObjectiveGradients(QuadraticTasks tasks, IReadOnlyList<Tensor> objectives) : TaskGradients
    {
        private Tensor? _rows;

        public override IReadOnlyList<Tensor> Objectives => objectives;

        public override Tensor Rows => _rows ??= stack(objectives.Select(GradientOf));

        public override Tensor Row(int task) => Rows[task];

        public override Tensor Representation => tasks.Shared.detach();

        public override double[,] Gramian() => Gramians.Of([.. Enumerable.Range(0, objectives.Count).Select(i => Rows[i].to(ScalarType.Float64).data<double>().ToArray())]);

        public override void ApplyWeights(Tensor weights) => ApplyDirection(weights.matmul(Rows), weights);

        public override void ApplyDirection(Tensor direction, Tensor weights)
        {
            tasks.RecordWeights(weights);
            using var noGradient = no_grad();
            tasks.Shared.grad!.copy_(direction);
        }

        private Tensor GradientOf(Tensor objective)
        {
            var before = tasks.Shared.grad;
            tasks.Shared.grad = zeros_like(tasks.Shared);
            tasks.Backward(objective);
            var row = tasks.Shared.grad!.clone();
            tasks.Shared.grad = before;
            return row;
        }
    }

    private Tensor Gradient(int task) => _curvatures[task] * (Shared.detach() - _minima[task]);
}
