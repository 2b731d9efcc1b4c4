using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Checkpoints;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Training.Checkpoints;

/// <summary>A run that is stopped in the middle of an epoch goes on from the next step.</summary>
public sealed class StopAtAStepTests : TensorTest
{
    private const string Identity = "abc";

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Strategies => [.. Tiny.Plugins.Entries.Select(entry => entry.Id)];

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Its_curve_and_scores_are_those_of_an_undisturbed_one(string id)
    {
        var spec = Tiny.Spec(training: Tiny.Training with { Epochs = 6, Schedule = Schedule.Cosine }) with { Strategies = [Tiny.Plugin(id, 0, 1, 2)] };
        ShouldGoOn(spec, stopAfterStep: 10, "epoch-0002-step-00000");
    }

    [Theory]
    [InlineData(1, "epoch-0000-step-000002.safetensors")]
    [InlineData(2, "epoch-0000-step-000003.safetensors")]
    [InlineData(3, "epoch-0000-step-000004.safetensors")] // when it is scored
    [InlineData(5, "epoch-0001-step-000002.safetensors")]
    public void At_any_step_of_the_first_epochs_with_an_average_of_the_network(int stopAfterStep, string file) =>
        ShouldGoOn(Averaged("uncertainty"), stopAfterStep, file);

    [Fact]
    public void What_a_strategy_counts_when_an_epoch_starts_is_counted_once()
    {
        Counts.Last = 0;
        ShouldGoOn(Tiny.Spec(strategy: typeof(Counts)), stopAfterStep: 5, "epoch-0001-step-000002.safetensors");
        Counts.Last.ShouldBe(3);
    }

    private static RunSpec Averaged(string id) => Tiny.Spec(training: Tiny.Training with { WeightAverage = 0.9, Schedule = Schedule.Plateau, Patience = 1 }) with
    {
        Strategies = [Tiny.Plugin(id, 0, 1, 2)],
    };

    private void ShouldGoOn(RunSpec spec, int stopAfterStep, string file)
    {
        var undisturbed = Train(spec, _ => { });
        using (var stop = new CancellationTokenSource())
            Should.Throw<OperationCanceledException>(() => Train(spec, step =>
            {
                if (step == stopAfterStep)
                    stop.Cancel();
            }, stop));
        Path.GetFileName(Directory.GetFiles(_folder.Path).ShouldHaveSingleItem()).ShouldStartWith(file);
        Train(spec, _ => { }).ShouldBe(undisturbed);
    }

    /// <summary>Goes on from a checkpoint where there is one, and leaves one where it is stopped.</summary>
    /// <returns>All that came out, as text.</returns>
    private string Train(RunSpec spec, Action<long> drawn, CancellationTokenSource? stop = null)
    {
        using var teachers = Tiny.Teachers();
        var benchmark = spec.Benchmark.CreateBenchmark();
        var data = benchmark.Load(new DataContext(null, CPU, default));
        Trainer? trainer = null;
        data = data with { Train = new Watched(data.Train, () => drawn(trainer!.StepIndex + 1)) };
        using var run = new RunContext(spec, benchmark, data, CPU) { Teachers = teachers };
        run.InitialiseStrategies();
        using var heartbeat = new Heartbeat(stop?.Token ?? default);
        var checkpoints = new CheckpointFolder(_folder.Path, Identity);
        using (trainer = new Trainer(run))
        {
            checkpoints.Restore(trainer.Checkpoint, warning => Assert.Fail(warning));
            try
            {
                var result = trainer.Train(_ => { }, heartbeat);
                var curve = Path.Combine(_folder.Path, "curve.csv");
                CurveFile.Write(curve, trainer.Curve);
                var text = File.ReadAllText(curve);
                File.Delete(curve);
                return $"{text}{result.SelectedEpoch} {result.Cost.BackwardPasses} {result.Cost.SolverFailures} {string.Join(' ', result.Validation)} {string.Join(' ', result.Test)}";
            }
            catch (OperationCanceledException)
            {
                checkpoints.Save(trainer.Checkpoint);
                throw;
            }
        }
    }

    private sealed class Watched(Split split, Action drawn) : Split
    {
        public override long Count => split.Count;

        public override Batch Take(Samples samples)
        {
            drawn();
            return split.Take(samples);
        }

        protected override void Dispose(bool disposing) => split.Dispose();
    }

    /// <summary>Counts epochs in a buffer, which a checkpoint keeps.</summary>
    public sealed class Counts : LossWeighting
    {
        private Tensor? _epochs;

        public static double Last { get; set; }

        public override void Initialise(ITrainingSetup setup) => _epochs = setup.AddBuffer("epochs", zeros(1, dtype: setup.Dtype));

        public override void StartEpoch(EpochHistory history)
        {
            _epochs!.add_(1);
            Last = _epochs.item<float>();
        }

        protected override Tensor Weights(ITrainingStep step, Tensor losses) => _epochs! * ones_like(losses);
    }
}
