using KdMtlBench.Contracts;
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
    private double[][]? _rows;

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

    public int LossReads { get; private set; }

    public GradientPoint? AppliedAt { get; private set; }

    public Dictionary<string, Tensor> Kept { get; } = [];

    public Parameter Trained => _trained.Single().Parameter;

    /// <summary>Gradients as they are now, [tasks][parameters].</summary>
    public double[][] Gradients() => [.. Enumerable.Range(0, Tasks.Count).Select(i => Gradient(i).to(ScalarType.Float64).data<double>().ToArray())];

    public double[] SharedGradient() => Shared.grad!.to(ScalarType.Float64).data<double>().ToArray();

    /// <summary>One step of the strategy with plain gradient descent on θ.</summary>
    /// <returns>The weights it reported, read after the step as the host does.</returns>
    public double[] Train(IBalancingStrategy strategy, double learningRate = 0)
    {
        Shared.grad = zeros_like(Shared);
        _losses = LossesAtShared(_minima);
        var weights = strategy.Backward(this, strategy.Objectives(this, _losses));
        using (no_grad())
            Shared.add_(Shared.grad!, alpha: -learningRate);
        StepTrained();
        strategy.AfterStep(this);
        StepTrained();
        Index++;
        return weights.to(ScalarType.Float64).data<double>().ToArray();
    }

    public void Dispose() => _scope.Dispose();

    public IReadOnlyList<TaskInfo> Tasks { get; }

    public Device Device => CPU;

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

    public IReadOnlyList<Tensor> Losses
    {
        get
        {
            LossReads++;
            return _losses;
        }
    }

    public void Train(nn.Module module, double learningRate, double weightDecay = 0) => throw new NotSupportedException();

    public Parameter Train(Tensor initial, double learningRate, double weightDecay = 0)
    {
        var parameter = new Parameter(initial.clone());
        _trained.Add((parameter, optim.Adam([parameter], learningRate, weight_decay: weightDecay)));
        return parameter;
    }

    public Tensor Keep(string name, Tensor initial) => Kept[name] = initial.clone();

    public void Backward(Tensor objective)
    {
        BackwardPasses++;
        objective.backward(retain_graph: true);
    }

    public Tensor Jacobian(IReadOnlyList<Tensor> objectives, GradientPoint at = GradientPoint.SharedParameters) =>
        stack(objectives.Select(objective => autograd.grad([objective], [Shared], retain_graph: true)[0]));

    public void Apply(Tensor direction, GradientPoint at = GradientPoint.SharedParameters)
    {
        AppliedAt = at;
        Shared.grad!.copy_(direction);
    }

    public double[,] Gramian(IReadOnlyList<Tensor> objectives, GradientPoint at = GradientPoint.SharedParameters)
    {
        _rows = [.. objectives.Select(GradientOf)];
        return Gramians.Of(_rows);
    }

    public void ApplyWeights(ReadOnlySpan<double> weights, GradientPoint at = GradientPoint.SharedParameters)
    {
        var direction = Gramians.Combine(_rows!, weights.ToArray());
        Apply(tensor(direction, dtype: ScalarType.Float32), at);
    }

    public void ReportSolverFailure(string reason) => SolverFailures.Add(reason);

    public Tensor Prediction(int task) => throw new NotSupportedException();

    public Tensor Target(int task) => throw new NotSupportedException();

    public Tensor Loss(int task, Tensor target) => throw new NotSupportedException();

    public Tensor Features(string tap, int task) => throw new NotSupportedException();

    public Tensor TeacherFeatures(string tap, int task) => throw new NotSupportedException();

    public Tensor TeacherPrediction(int task) => throw new NotSupportedException();

    public Tensor LossesNow() => stack(LossesAtShared(_minima)).detach();

    /// <summary>Minima of the validation losses, and of the samples', [tasks, parameters]; the training losses' own unless set.</summary>
    public Tensor? OtherMinima { get; set; }

    public IReadOnlyList<Tensor> ValidationLosses() => LossesAtShared(OtherMinima ?? _minima);

    public IReadOnlyList<Tensor> SampleLosses(int sample) => LossesAtShared(sample == 0 ? _minima : OtherMinima ?? _minima);

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

    /// <summary>An objective's gradient with respect to θ; parameters of the strategy's own accumulate theirs, as in the host.</summary>
    private double[] GradientOf(Tensor objective)
    {
        var before = Shared.grad;
        Shared.grad = zeros_like(Shared);
        objective.backward(retain_graph: true);
        var row = SharedGradient();
        Shared.grad = before;
        return row;
    }

    private Tensor Gradient(int task) => _curvatures[task] * (Shared.detach() - _minima[task]);
}
