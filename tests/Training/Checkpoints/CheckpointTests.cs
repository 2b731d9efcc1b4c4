using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Checkpoints;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Training.Networks;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Training.Checkpoints;

public sealed class CheckpointTests : TensorTest
{
    private const string Identity = "abc";
    private static readonly TrainingOptions _training = Tiny.Training with { Epochs = 6, Schedule = Schedule.Cosine };

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    public static TheoryData<string> Strategies => [.. Tiny.Plugins.Entries.Select(entry => entry.Id)];

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void A_resumed_run_of_any_strategy_has_the_curve_of_an_undisturbed_one(string id) => ShouldResume(Spec(id));

    [Theory]
    [MemberData(nameof(Strategies))]
    public void So_has_one_in_bfloat16(string id) => ShouldResume(Spec(id, _training with { Precision = Precision.Bf16 }));

    [Theory]
    [MemberData(nameof(Strategies))]
    public void And_one_in_float64(string id) => ShouldResume(Spec(id, _training with { Precision = Precision.Fp64 }));

    [Theory]
    [InlineData(Optimizer.Adam, 0)]
    [InlineData(Optimizer.AdamW, 0)]
    [InlineData(Optimizer.Sgd, 0.9)]
    [InlineData(Optimizer.Sgd, 0)]
    public void A_resumed_run_has_the_curve_of_an_undisturbed_one_with_every_optimiser(Optimizer optimizer, double momentum) =>
        ShouldResume(Spec("gradnorm", _training with { Optimizer = optimizer, Momentum = momentum, WeightDecay = 0.01 }));

    [Theory]
    [InlineData(Selection.Best)]
    [InlineData(Selection.Last)]
    public void The_best_epoch_so_far_is_not_forgotten(Selection selection)
    {
        // A rate that worsens what it finds: the best epoch lies before the checkpoint.
        var spec = Spec("uniform", Tiny.Training with { Epochs = 9, LearningRate = 0.3, Selection = selection }) with { Seed = 2 };
        var selected = ShouldResume(spec, stopAfter: 7).SelectedEpoch;
        if (selection == Selection.Best)
            selected.ShouldBeLessThan(7);
        else
            selected.ShouldBe(9);
    }

    [Theory, InlineData(2), InlineData(7)]
    public void Nor_are_a_plateau_and_the_average_of_the_network(int stopAfter) => ShouldResume(
        Spec("uniform", Tiny.Training with { Epochs = 9, LearningRate = 0.3, Schedule = Schedule.Plateau, Patience = 1, WeightAverage = 0.9, Initialisation = Initialisation.XavierNormal }),
        stopAfter);

    [Fact]
    public void A_run_stopped_after_its_last_epoch_only_has_its_test_left() => ShouldResume(Spec("uncertainty"), stopAfter: 5);

    [Fact]
    public void A_parameter_that_only_the_first_step_reaches_stays_where_it_is() =>
        ShouldResume(Tiny.Spec(strategy: typeof(Once), training: _training));

    [Fact]
    public void What_it_cost_adds_up()
    {
        var spec = Spec("mgda");
        var (_, before) = Interrupt(spec, stopAfter: 3);
        var (result, _) = Resume(spec);
        result.Cost.BackwardPasses.ShouldBe(3);
        result.Cost.TrainSeconds.ShouldBeGreaterThan(before);
    }

    [Fact]
    public void A_damaged_checkpoint_falls_back_to_the_one_before_and_then_to_the_beginning()
    {
        var spec = Spec("gradnorm");
        var undisturbed = Train(spec);
        Interrupt(spec, stopAfter: 4);
        Files.ShouldBe(["epoch-0003.safetensors", "epoch-0004.safetensors"]);
        Flip(Files[1]);
        Same(Resume(spec, expectedEpoch: 3), undisturbed);
        _warnings.ShouldHaveSingleItem().ShouldEndWith("epoch-0004.safetensors is damaged: its content does not have the SHA-256 that it had when it was written; the one before it is taken");

        Interrupt(spec, stopAfter: 4);
        _warnings.Clear();
        Flip(Files[0]);
        File.WriteAllBytes(Path.Combine(_folder.Path, Files[1]), []);
        Same(Resume(spec, expectedEpoch: 0), undisturbed);
        _warnings.Count.ShouldBe(2);
        _warnings[0].ShouldEndWith("epoch-0004.safetensors is cut short; the one before it is taken");
        _warnings[1].ShouldEndWith("the run starts again");
    }

    [Fact]
    public void A_checkpoint_of_other_code_or_settings_is_not_gone_on_from()
    {
        Interrupt(Spec("uniform"), stopAfter: 2);
        using var run = Tiny.Run(Spec("uniform"));
        using var trainer = new Trainer(run);
        new CheckpointFolder(_folder.Path, "another").Restore(trainer.Checkpoint, _warnings.Add);
        trainer.Curve.ShouldBeEmpty();
        _warnings.Count.ShouldBe(2);
        _warnings.ShouldAllBe(warning => warning.Contains("comes from other code, data, settings or another device"));
    }

    [Fact]
    public void Not_every_epoch_is_worth_a_checkpoint()
    {
        using var run = Tiny.Run(Spec("uniform", Tiny.Training with { Epochs = 30 }));
        using var trainer = new Trainer(run);
        var folder = new CheckpointFolder(_folder.Path, Identity);
        var written = new HashSet<int>();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        trainer.Train(
            _ =>
            {
                folder.SaveWhenDue(trainer.Checkpoint);
                written.UnionWith(folder.Epochs);
            },
            default);
        written.Count.ShouldBeLessThanOrEqualTo((int)(watch.Elapsed.TotalSeconds / 0.25));
    }

    private IReadOnlyList<string> Files => [.. Directory.GetFiles(_folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private TrainingResult ShouldResume(RunSpec spec, int stopAfter = 2)
    {
        var undisturbed = Train(spec);
        Interrupt(spec, stopAfter);
        var resumed = Resume(spec, stopAfter);
        Same(resumed, undisturbed);
        _warnings.ShouldBeEmpty();
        return resumed.Result;
    }

    /// <summary>Bytes of the curve's file, selected epoch, scores and counts; not times.</summary>
    private void Same((TrainingResult Result, IReadOnlyList<EpochRecord> Curve) run, (TrainingResult Result, IReadOnlyList<EpochRecord> Curve) other)
    {
        Bytes(run.Curve).ShouldBe(Bytes(other.Curve));
        run.Result.SelectedEpoch.ShouldBe(other.Result.SelectedEpoch);
        run.Result.Validation.ShouldBe(other.Result.Validation);
        run.Result.Test.ShouldBe(other.Result.Test);
        run.Result.Cost.BackwardPasses.ShouldBe(other.Result.Cost.BackwardPasses);
        run.Result.Cost.SolverFailures.ShouldBe(other.Result.Cost.SolverFailures);

        static string Bytes(IReadOnlyList<EpochRecord> curve)
        {
            using var folder = new TemporaryFolder();
            CurveFile.Write(folder.File("curve.csv"), curve);
            return File.ReadAllText(folder.File("curve.csv"));
        }
    }

    private static (TrainingResult Result, IReadOnlyList<EpochRecord> Curve) Train(RunSpec spec)
    {
        using var teachers = Tiny.Teachers();
        using var run = Run(spec, teachers);
        using var trainer = new Trainer(run);
        return (trainer.Train(_ => { }, default), trainer.Curve);
    }

    private (IReadOnlyList<EpochRecord> Curve, double Seconds) Interrupt(RunSpec spec, int stopAfter)
    {
        using var teachers = Tiny.Teachers();
        using var run = Run(spec, teachers);
        using var trainer = new Trainer(run);
        var folder = new CheckpointFolder(_folder.Path, Identity);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Should.Throw<OperationCanceledException>(() => trainer.Train(
            epoch =>
            {
                folder.Save(trainer.Checkpoint);
                if (epoch.Epoch == stopAfter)
                    throw new OperationCanceledException();
            },
            default));
        return (trainer.Curve, watch.Elapsed.TotalSeconds);
    }

    private (TrainingResult Result, IReadOnlyList<EpochRecord> Curve) Resume(RunSpec spec, int? expectedEpoch = null)
    {
        using var teachers = Tiny.Teachers();
        using var run = Run(spec, teachers);
        using var trainer = new Trainer(run);
        new CheckpointFolder(_folder.Path, Identity).Restore(trainer.Checkpoint, _warnings.Add);
        if (expectedEpoch is not null)
            trainer.Curve.Count.ShouldBe(expectedEpoch.Value);
        return (trainer.Train(_ => { }, default), trainer.Curve);
    }

    private static RunContext Run(RunSpec spec, Teachers teachers)
    {
        var benchmark = spec.Benchmark.CreateBenchmark();
        var run = new RunContext(spec, benchmark, benchmark.Load(new DataContext(null, CPU, default)), CPU) { Teachers = teachers };
        run.InitialiseStrategies();
        return run;
    }

    private void Flip(string file)
    {
        var path = Path.Combine(_folder.Path, file);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static RunSpec Spec(string id, TrainingOptions? training = null) =>
        Tiny.Spec(training: training ?? _training) with { Strategies = [Tiny.Plugin(id, 0, 1, 2)] };

    /// <summary>Has a parameter that only the first step reaches: a step without a gradient for it leaves it, and Adam's count, alone.</summary>
    public sealed class Once : ObjectiveStrategy
    {
        private TorchSharp.Modules.Parameter? _scale;

        public override void Initialise(ITrainingSetup setup) => _scale = setup.AddParameter(ones(1), 0.1);

        public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) =>
            [.. losses.Select(loss => (step.Index == 0 ? _scale! : _scale!.detach()) * loss)];
    }
}
