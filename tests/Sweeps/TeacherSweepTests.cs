using KdMtlBench.Host.Benchmarks.Toy;
using KdMtlBench.Host.Models;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Storage.Sharing;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Host.Sweeps.Checks;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Sweeps;

public class TeacherSweepTests : TensorTest
{
    private static readonly RunSpec Student = Tiny.Spec() with { Strategies = [Tiny.Strategy<KdAdaptor>(new KdAdaptorOptions())] };
    private static readonly RunSpec Later = Tiny.Spec() with { Strategies = [Tiny.Strategy<Bam>(new BamOptions())] };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_student_learns_from_the_networks_of_its_own_sweep_whatever_the_order(int parallel)
    {
        using var folder = new TemporaryFolder();
        var outcome = Run(Sweep(folder, Student, Later), new Notes(), parallel);
        outcome.ExitCode.ShouldBe(0, string.Join('\n', outcome.Records.Select(record => record.Failure)));
        var seconds = outcome.Records.Where(record => record.SingleTask is not null).Sum(record => record.Cost.TrainSeconds);
        seconds.ShouldBeGreaterThan(0);
        foreach (var student in outcome.Records.Where(record => record.SingleTask is null))
            student.Cost.TeacherSeconds.ShouldBe(seconds, 1e-9);
        Directory.GetFiles(folder.File("teachers")).Length.ShouldBe(3);
    }

    [Fact]
    public void A_teacher_is_the_single_task_run_at_its_selected_epoch()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var student = Student with { Training = Tiny.Training with { Epochs = 8, LearningRate = 0.3 } };
        var outcome = Run(Sweep(folder, student), new Notes());
        outcome.Records.ShouldContain(record => record.SingleTask != null && record.SelectedEpoch < 8);
        using var data = new TinyBenchmark().Load(new DataContext(null, CPU, default));
        using var teachers = Teachers.Load(student, new TinyBenchmark(), [], new TeacherStore(folder.Path), data.Sha256, CPU);
        foreach (var (task, i) in new TinyBenchmark().Tasks.Select((task, i) => (task, i)))
        {
            var batch = data.Test.Take(Samples.Range(0, data.Test.Count, CPU));
            using var measurement = task.Measure(CPU);
            measurement.Add(teachers.Forward(i, batch).Prediction, batch.Targets[i]);
            var test = outcome.Records.Single(record => record.SingleTask == task.Id).Test;
            foreach (var (metric, value) in task.Metrics.Zip(measurement.Values()))
                value.ShouldBe(test[new TaskMetric(task.Id, metric).Key], 1e-6);
        }
    }

    [Fact]
    public void Networks_are_not_kept_where_no_run_learns_from_them()
    {
        using var folder = new TemporaryFolder();
        Run(Sweep(folder, Tiny.Spec()), new Notes()).ExitCode.ShouldBe(0);
        Directory.Exists(folder.File("teachers")).ShouldBeFalse();
    }

    [Fact]
    public void A_missing_damaged_or_foreign_teacher_is_trained_again_and_only_where_a_run_is_still_to_be_made()
    {
        using var folder = new TemporaryFolder();
        Run(Sweep(folder, Student), new Notes());
        var bytes = Files(folder);
        File.Delete(Path.Combine(folder.Path, "teachers", Name("segmentation")));
        File.WriteAllBytes(Path.Combine(folder.Path, "teachers", Name("depth")), bytes[Name("depth")][..^5]);
        using (NewDisposeScope())
        using (var network = Tiny.SingleTaskNetwork(new TinyBenchmark().Tasks[2]))
            new TeacherStore(folder.Path).Save(Tiny.Spec(singleTask: "normals"), "of another build", network, 1);

        var idle = new Notes();
        Run(Sweep(folder, Student), idle).ExitCode.ShouldBe(0);
        idle.Pending.ShouldBeEmpty();

        var notes = new Notes();
        Run(Sweep(folder, Student, Later), notes).ExitCode.ShouldBe(0);
        notes.Pending.ShouldBe([.. new[] { "segmentation", "depth", "normals" }.Select(task => Tiny.Spec(singleTask: task).Id), Later.Id], ignoreOrder: true);
        notes.ShouldSay("segmentation", "there is no");
        notes.ShouldSay("depth", "is damaged");
        notes.ShouldSay("normals", "comes from other code");
        foreach (var (name, values) in Files(folder))
            values[^1000..^32].ShouldBe(bytes[name][^1000..^32], name);

        static string Name(string task) => $"{Tiny.Spec(singleTask: task).Id}.safetensors";
    }

    [Fact]
    public void A_teacher_that_fails_fails_its_students_alone_and_says_so()
    {
        using var folder = new TemporaryFolder();
        var poisoned = Tiny.Component("poisoned", typeof(PoisonedBenchmark));
        var outcome = Run(Sweep(folder, Student with { Benchmark = poisoned }, Student), new Notes());
        outcome.ExitCode.ShouldBe(1);
        var failed = outcome.Records.Where(record => record.Status == RunStatus.Failed).ToList();
        failed.Select(record => record.SingleTask).ShouldBe([null, "depth"]);
        failed.ShouldAllBe(record => record.Benchmark == "poisoned");
        failed[0].Failure.ShouldNotBeNull().ShouldContain($"its teacher of `depth`, the run {failed[1].Id}, failed: the loss of task `depth` is NaN");
        outcome.Records.Count(record => record.Status == RunStatus.Done).ShouldBe(6);
    }

    [Fact]
    public void Runs_are_taken_over_from_the_sweep_beside_and_its_networks_are_used()
    {
        using var folder = new TemporaryFolder();
        Run(Sweep(folder, "first", Student), new Notes());
        var notes = new Notes();
        var outcome = Run(Sweep(folder, "second", Student, Later), notes);
        outcome.ExitCode.ShouldBe(0);
        notes.Pending.ShouldBe([Later.Id]);
        notes.Messages.ShouldContain(message => message.StartsWith($"4 runs taken over from {folder.File("first")}: "));
        outcome.Records.Count.ShouldBe(5);
        var store = new RunStore(folder.File("second"));
        foreach (var record in new RunStore(folder.File("first")).ReadAll().Records)
        {
            File.ReadAllText(store.RecordPath(record.Id)).ShouldBe(RunStore.ToJson(record));
            store.ReadCurve(record.Id).Count.ShouldBe(Tiny.Training.Epochs);
        }

        var fresh = new Notes();
        Run(Sweep(folder, "second", Student, Later), fresh, fresh: true);
        fresh.Pending.ShouldNotBeNull().Count.ShouldBe(5);
    }

    [Fact]
    public void A_strategy_that_does_not_fit_the_model_starts_nothing()
    {
        using var folder = new TemporaryFolder();
        var unknown = Student with { Strategies = [Tiny.Strategy<KdAdaptor>(new KdAdaptorOptions { Layers = ["encoder-7"] })] };
        var notes = new Notes();
        var message = Should.Throw<InputException>(() => Run(Sweep(folder, unknown), notes)).Message;
        message.ShouldContain("the strategy `kdadaptor` does not fit `tiny-net` on `tiny`");
        message.ShouldContain("no layer `encoder-7`; it has first, last");
        notes.Pending.ShouldBeNull();
    }

    [Fact]
    public void A_benchmark_without_single_task_runs_has_no_teachers()
    {
        using var folder = new TemporaryFolder();
        var toy = Student with { Benchmark = Tiny.Component("toy", typeof(ToyBenchmark)) with { Options = new ToyOptions() }, Model = Tiny.Component("point", typeof(Point)) };
        Should.Throw<InputException>(() => Run(new Sweep("toy", folder.Path, "", [toy]), new Notes())).Message
            .ShouldContain("learns from single-task networks, which `toy` does not have");
    }

    /// <summary>What a worker does, in this process: the sweep's benchmarks and models have no names that another one could find.</summary>
    private static SweepOutcome Run(Sweep sweep, Notes notes, int parallel = 2, bool fresh = false)
    {
        SweepChecks.WithoutData(sweep);
        var share = new Share(Holder.New());
        using var presence = new Presence(sweep.Folder, new ClaimFolder(sweep.Folder, share.Silence), share.Holder, () => []);
        new SweepWorker(new SweepSettings(null, CPU, parallel, fresh), share).Make(sweep, new OneAtATime(notes), default);
        var store = new RunStore(sweep.Folder);
        var records = sweep.Runs.Select(run => RunStore.RecordIn(store.Folder(run.Id))).OfType<RunRecord>().ToList();
        return new SweepOutcome(records, Interrupted: records.Count < sweep.Runs.Count);
    }

    private static Sweep Sweep(TemporaryFolder folder, params RunSpec[] students) => Sweep(folder, "", students);

    /// <summary>The students first, then their teachers: the hardest order.</summary>
    private static Sweep Sweep(TemporaryFolder folder, string name, params RunSpec[] students)
    {
        Directory.CreateDirectory(folder.File(name));
        File.WriteAllText(Path.Combine(folder.File(name), "sweep.yaml"), "");
        var teachers = students.SelectMany(student => Teachers.RunsFor(student, new TinyBenchmark())).DistinctBy(run => run.Id);
        return new Sweep(name, folder.File(name), "", [.. students, .. teachers]);
    }

    private static Dictionary<string, byte[]> Files(TemporaryFolder folder) =>
        Directory.GetFiles(folder.File("teachers")).ToDictionary(file => Path.GetFileName(file), File.ReadAllBytes);

    /// <summary>Depths that are not numbers: what learns them diverges.</summary>
    public sealed class PoisonedBenchmark : TinyBenchmark
    {
        public override BenchmarkData Load(DataContext context)
        {
            var data = base.Load(context);
            using var scope = NewDisposeScope();
            var batch = data.Train.Take(Samples.Range(0, data.Train.Count, CPU));
            var train = new TensorSplit("image", batch.Inputs["image"].MoveToOuterDisposeScope(), [
                batch.Targets[0].MoveToOuterDisposeScope(), full_like(batch.Targets[1], double.NaN).MoveToOuterDisposeScope(), batch.Targets[2].MoveToOuterDisposeScope()]);
            data.Train.Dispose();
            return data with { Train = train };
        }
    }

    private sealed class Notes : ISweepObserver
    {
        public IReadOnlyList<string>? Pending { get; private set; }

        public List<string> Messages { get; } = [];

        public void Started(IReadOnlyList<RunSpec> pending, IReadOnlyList<RunRecord> kept) => Pending = [.. pending.Select(run => run.Id)];

        public void RunStarted(RunSpec run, Func<double> epochs)
        {
        }

        public void Resumed(RunSpec run, double epochs)
        {
        }

        public void EpochDone(RunSpec run, EpochRecord epoch)
        {
        }

        public void RunFinished(RunSpec run, RunRecord record)
        {
        }

        public void Message(string text) => Messages.Add(text);

        public void ShouldSay(string task, string reason)
        {
            var start = $"the run {Tiny.Spec(singleTask: task).Id} is made again";
            Messages.ShouldContain(message => message.StartsWith(start) && message.Contains(reason));
        }
    }
}
