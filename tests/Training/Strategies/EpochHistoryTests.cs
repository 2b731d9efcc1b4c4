using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Views;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Training.Strategies;

/// <summary>What a strategy is told of the epochs that are over, by the core of PIVRG, which weighs tasks by how far they are from their single-task runs.</summary>
public sealed class EpochHistoryTests : TensorTest
{
    [Fact]
    public void A_strategy_sees_the_validation_metrics_of_each_epoch_and_those_of_the_single_task_runs()
    {
        using var folder = new TemporaryFolder();
        var student = Tiny.Spec(strategy: typeof(ByPerformance));
        ByPerformance.Seen.Clear();
        var benchmark = new TinyBenchmark();
        using var data = benchmark.Load(new DataContext(null, CPU, default));
        var executor = new RunExecutor(new RunStore(folder.Path), new TeacherStore(folder.Path), CPU, parallel: 1, keepTeachers: true, resume: false);
        var records = Teachers.RunsFor(student, benchmark).Append(student).Select(spec =>
        {
            using var heartbeat = new Heartbeat(default);
            return executor.Execute(spec, benchmark, data, PlainView.Silent, heartbeat);
        }).ToList();
        var run = records.Single(record => record.Id == student.Id);
        run.Failure.ShouldBeNull();
        var curve = new RunStore(folder.Path).ReadCurve(student.Id);

        ByPerformance.Seen.Select(history => history.Losses.Count).ShouldBe([0, 1, 2]);
        foreach (var (epoch, history) in ByPerformance.Seen.Index())
        {
            history.Validation.Count.ShouldBe(epoch);
            foreach (var (before, tasks) in history.Validation.Index())
                Values(tasks).ShouldBe(InOrder(curve[before].Validation), tolerance: 1e-12);
            Values(history.SingleTask).ShouldBe(
                InOrder(records.Where(record => record.SingleTask is not null).SelectMany(record => record.Validation).ToDictionary()), tolerance: 0);
        }
    }

    [Fact]
    public void Without_teachers_nothing_is_known_of_single_task_runs()
    {
        using var run = Tiny.Run(Tiny.Spec(strategy: typeof(Plain)));
        using var trainer = new Trainer(run);
        trainer.Train(_ => { }, default);
        Plain.Last!.SingleTask.ShouldBeEmpty();
        Plain.Last.Validation.Count.ShouldBe(2);
        run.Data.Dispose();
    }

    private static double[] Values(IEnumerable<IReadOnlyList<MetricValue>> tasks) => [.. tasks.SelectMany(task => task.Select(metric => metric.Value))];

    private static double[] InOrder(IReadOnlyDictionary<string, double> values) =>
        [.. new TinyBenchmark().Tasks.SelectMany(task => task.Metrics.Select(metric => values[new TaskMetric(task.Id, metric).Key]))];

    public sealed class ByPerformance : LossWeighting
    {
        public static List<EpochHistory> Seen { get; } = [];

        private Tensor? _weights;

        public override StrategyRequirements Requirements => StrategyRequirements.Teachers;

        public override void Initialise(ITrainingSetup setup) => _weights = setup.AddTaskBuffer("weights", ones(setup.Tasks.Count, dtype: setup.Dtype));

        public override void StartEpoch(EpochHistory history)
        {
            Seen.Add(history with { Losses = [.. history.Losses] });
            if (history.Validation.Count > 0)
                _weights!.copy_(tensor(history.Validation[^1].Zip(history.SingleTask, Gap).ToArray(), dtype: _weights.dtype).softmax(0) * _weights.shape[0]);
        }

        protected override Tensor Weights(ITrainingStep step, Tensor losses) => _weights!;

        /// <summary>Mean over a task's metrics of the relative change for the worse.</summary>
        private static double Gap(IReadOnlyList<MetricValue> now, IReadOnlyList<MetricValue> alone) =>
            now.Zip(alone, (mine, other) => (mine.Metric.HigherIsBetter ? -1 : 1) * (mine.Value - other.Value) / Math.Max(Math.Abs(other.Value), 1e-3)).Average();
    }

    public sealed class Plain : LossWeighting
    {
        public static EpochHistory? Last { get; private set; }

        public override void StartEpoch(EpochHistory history) => Last = history;

        protected override Tensor Weights(ITrainingStep step, Tensor losses) => ones_like(losses);
    }
}
