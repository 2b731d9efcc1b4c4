using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Training;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Runs;

public sealed class FewerTasksTests : TensorTest
{
    private readonly TemporaryFolder _folder = new();

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    [Theory]
    [InlineData("dept, normals", "tasks: unknown task `dept` (known: segmentation, depth, normals); did you mean `depth`?")]
    [InlineData("normals, depth", "tasks: name each once and in the benchmark's order, [depth, normals]")]
    [InlineData("depth, depth", "tasks: name each once and in the benchmark's order, [depth]")]
    [InlineData("depth", "tasks: name two or more; the single-task runs are made anyway")]
    [InlineData("segmentation, depth, normals", "tasks: these are all there are; leave the option out")]
    public void A_choice_that_is_none_is_refused(string tasks, string said) =>
        Should.Throw<InputException>(() => new FewerTasks(new TinyBenchmark(), tasks.Split(", "))).Message.ShouldStartWith(said);

    /// <summary>A benchmark that has only these tasks from the start is the second way to the same numbers.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void Some_tasks_train_as_a_benchmark_that_has_no_others(bool ownImages)
    {
        var whole = ownImages ? (IBenchmark)new TinyOwnImages() : new TinyBenchmark();
        var fewer = Train(new FewerTasks(whole, ["segmentation", "normals"]));
        var native = Train(new Two(ownImages));
        fewer.Select(Values).ShouldBe(native.Select(Values));
        Train(whole).Select(Values).ShouldNotBe(native.Select(Values));

        static string Values(EpochRecord epoch) => string.Join(' ', epoch.TrainLosses.Concat(epoch.Validation).Select(pair => $"{pair.Key}={pair.Value:r}"));
    }

    [Fact]
    public void Choices_share_their_single_task_runs_and_each_is_compared_with_them()
    {
        var sweep = Directory.CreateDirectory(_folder.File("pairs")).FullName;
        File.WriteAllText(Path.Combine(sweep, "sweep.yaml"), """
            benchmark: {scenes: {height: 16, width: 16, train: 16, validation: 8, test: 8, tasks: [[segmentation, depth], [depth, normals]]}}
            model: {segnet: {width: 0.02, stages: 2}}
            training: {epochs: 4, batch-size: 8, learning-rate: 0.01}
            seeds: [1, 2]
            strategies: [uniform, kd-adaptor]
            """);
        var (code, output, error) = Kdmtl.Run("run", sweep, "--plugins", Repository.Plugins, "--quiet");
        code.ShouldBe(0, error);
        output.ShouldContain("tasks=segmentation|depth");
        var records = new RunStore(Path.Combine(sweep, "output")).ReadAll().Records;
        records.Count(record => record.SingleTask is not null).ShouldBe(3 * 2, "one of each task and seed, though `depth` is in both choices");
        records.Count.ShouldBe((3 * 2) + (2 * 2 * 2));
        var groups = Leaderboard.Build("", records).Groups;
        groups.Select(group => group.Metrics.Select(metric => metric.Task).Distinct()).ShouldBe([["depth", "normals"], ["segmentation", "depth"]], ignoreOrder: true);
        foreach (var group in groups)
        {
            var tasks = group.Metrics.Select(metric => metric.Task).Distinct().ToList();
            group.Rows.Select(row => row.Strategy).ShouldBe(["single-task", "kd-adaptor", "uniform"], ignoreOrder: true);
            var uniform = group.Rows.Single(row => row.Strategy == "uniform");
            foreach (var (seed, delta) in uniform.DeltaTaskBySeed)
            {
                var expected = tasks.Average(task => Change(task, seed, group.Benchmark));
                (delta.Equals(expected) || Math.Abs(delta - expected) < 1e-9).ShouldBeTrue($"{delta} for {expected}"); // so short a run may leave a mIoU of 0
            }

            uniform.DeltaTaskBySeed.Count.ShouldBe(2);
        }

        groups.SelectMany(group => group.Rows).SelectMany(row => row.DeltaTaskBySeed.Values).ShouldContain(delta => double.IsFinite(delta));

        // By hand: the mean over a task's counted metrics of the difference relative to the single-task mean, better being positive.
        double Change(string task, int seed, string benchmark)
        {
            var single = records.Single(record => record.SingleTask == task && record.Seed == seed);
            var multi = records.Single(record => record.SingleTask is null && record.Strategy == "uniform" && record.Seed == seed && record.Benchmark == benchmark);
            return single.Metrics.Where(metric => metric.Metric.CountsInDelta).Average(metric =>
                (metric.Metric.HigherIsBetter ? 100 : -100) * (multi.Test[metric.Key] - single.Test[metric.Key])
                / records.Where(record => record.SingleTask == task).Average(record => record.Test[metric.Key]));
        }
    }

    private static IReadOnlyList<EpochRecord> Train(IBenchmark benchmark)
    {
        using var run = new RunContext(Tiny.Spec(), benchmark, benchmark.Load(new DataContext(null, CPU, default)), CPU);
        run.InitialiseStrategies();
        using var trainer = new Trainer(run);
        trainer.Train(_ => { }, default);
        run.Data.Dispose();
        return trainer.Curve;
    }

    /// <summary>Tiny without its depth.</summary>
    private sealed class Two(bool ownImages) : IBenchmark
    {
        private static readonly TinyBenchmark s_whole = new();

        public IReadOnlyList<LearningTask> Tasks { get; } = [s_whole.Tasks[0], s_whole.Tasks[2]];

        public IReadOnlyList<InputInfo> Inputs => s_whole.Inputs;

        public BenchmarkData Load(DataContext context)
        {
            var data = (ownImages ? new TinyOwnImages() : s_whole).Load(context);
            return data with { Train = new Part(data.Train), Validation = new Part(data.Validation), Test = new Part(data.Test) };
        }

        private sealed class Part(Split all) : Split
        {
            public override long Count => all.Count;

            public override Batch Take(Samples samples)
            {
                var batch = all.Take(samples);
                var images = batch.Inputs["image"];
                Tensor[] targets = [batch.Targets[0], batch.Targets[2]];
                if (batch.Rows is not [var first, _, var last])
                    return new Batch("image", images, targets);
                var own = cat([images.narrow(0, first.Start, first.Count), images.narrow(0, last.Start, last.Count)]);
                return new Batch("image", own, targets, [(0, first.Count), (first.Count, last.Count)]);
            }

            protected override void Dispose(bool disposing) => all.Dispose();
        }
    }
}
