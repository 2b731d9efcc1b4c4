namespace KdMtlBench.Plugins;

/// <summary>Distillation through adaptors: to each task's loss comes λᵢ Σ_layers mean Σ_channels ( n(Aᵢ(f)) − n(fᵢ) )², with f the
/// shared features, fᵢ the frozen single-task teacher's at the same layer, Aᵢ a map of the task's own that is learnt with the
/// network and dropped after, and n(x) = x / √(Σ_channels x² + 1e-6) at every position.</summary>
/// <remarks>Li &amp; Bilen, ECCV Workshops 2020 (arXiv 2007.06889). <c>[uncertainty, kd-adaptor]</c> minimises
/// Σ wᵢLᵢ + Σ λᵢdᵢ, <c>[kd-adaptor, uncertainty]</c> weighs loss and distance together.
/// The paper has λ = 1, 1, 2 on NYU-v2 (segmentation, depth, normals), <c>task-factors: [1, 1, 2]</c>. Where features are
/// vectors, the 1×1 convolution is a linear map. The authors' public code has its teachers in train mode:
/// <c>teacher-mode: train</c>.</remarks>
[Strategy("kd-adaptor", Title = "KD with adaptors", Family = StrategyFamily.Distillation,
    Paper = "Li & Bilen, ECCV Workshops 2020, arXiv 2007.06889")]
public sealed class KdAdaptor(KdAdaptorOptions options) : ObjectiveStrategy
{
    private readonly List<(string Task, string Tap, double Lambda, nn.Module<Tensor, Tensor> Adaptor)> _terms = [];

    public override StrategyRequirements Requirements => StrategyRequirements.Teachers | StrategyRequirements.Features
        | (options.TeacherMode == TeacherMode.Train ? StrategyRequirements.TeachersInTrainMode : StrategyRequirements.None);

    public override void Initialise(ITrainingSetup setup)
    {
        var names = options.Layers.Count > 0 ? options.Layers : [.. setup.Taps.Where(tap => tap.Suggested).Select(tap => tap.Name)];
        foreach (var (name, task) in names.SelectMany(name => setup.Tasks.Select((_, task) => (name, task))))
        {
            var tap = setup.Taps.FirstOrDefault(tap => tap.Name == name) ?? throw new ArgumentException(
                $"kd-adaptor: the model has no layer `{name}`; it has {string.Join(", ", setup.Taps.Select(t => t.Name))}");
            var adaptor = Adaptor(tap.Shape[0], isMap: tap.Shape.Count == 3);
            setup.AddModule(adaptor, options.LearningRate, options.WeightDecay);
            _terms.Add((setup.Tasks[task].Id, name, options.Lambda * (options.TaskFactors.Count > 0 ? options.TaskFactors[task] : 1), adaptor));
        }
    }

    public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) => [.. losses.Select((loss, task) =>
        _terms.Where(term => term.Task == step.Tasks[task].Id).Aggregate(loss, (sum, term) => sum + term.Lambda
            * Distance(term.Adaptor.call(step.Features(term.Tap, task)), step.TeacherFeatures(term.Tap, task))))];

    /// <summary>Mean over batch and positions of Σ_channels ( n(a) − n(b) )²; a scalar from two [batch, channels, …].</summary>
    public static Tensor Distance(Tensor a, Tensor b) => (Normalised(a) - Normalised(b)).square().sum(1).mean();

    private static Tensor Normalised(Tensor features) => features * (features.square().sum(1, keepdim: true) + 1e-6).rsqrt();

    private nn.Module<Tensor, Tensor> Adaptor(long channels, bool isMap)
    {
        return options.Adaptor == AdaptorKind.Linear
            ? Map(channels, channels)
            : nn.Sequential(Map(channels, 2 * channels), nn.ReLU(), Map(2 * channels, channels));

        nn.Module<Tensor, Tensor> Map(long from, long to) => isMap ? nn.Conv2d(from, to, 1, bias: false) : nn.Linear(from, to, hasBias: false);
    }
}

public enum AdaptorKind
{
    Linear,
    NonLinear,
}

public sealed record KdAdaptorOptions
{
    [Description("feature taps by name, e.g. [encoder-5, decoder-5]; by default the model's usual ones")]
    public IReadOnlyList<string> Layers { get; init; } = [];

    [Description("linear: C → C channels; non-linear: C → 2C, ReLU, 2C → C")]
    public AdaptorKind Adaptor { get; init; }

    [Description("λ, the weight of the distance to the teacher"), Range(0, 1e6)]
    public double Lambda { get; init; } = 1;

    [Description("factors of λ, one per task; by default all 1"), PerTask, Range(0, 1e6)]
    public IReadOnlyList<double> TaskFactors { get; init; } = [];

    [Description("constant learning rate of the adaptors"), Range(0, 10)]
    public double LearningRate { get; init; } = 0.1;

    [Description("weight decay of the adaptors"), Range(0, 10)]
    public double WeightDecay { get; init; } = 5e-4;

    [Description("eval: teachers' learnt batch norm; train: each batch's own statistics, as in the authors' code")]
    public TeacherMode TeacherMode { get; init; }
}
