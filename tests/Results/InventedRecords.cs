using KdMtlBench.Host.Runs;

namespace KdMtlBench.Tests.Results;

/// <summary>A small invented sweep whose every figure can be worked out by hand: two tasks, three metrics, three seeds.</summary>
internal static class InventedRecords
{
    public static readonly TaskMetric Miou = new("segmentation", new Metric("miou", "%", HigherIsBetter: true));
    public static readonly TaskMetric Accuracy = new("segmentation", new Metric("pixel-accuracy", "%", HigherIsBetter: true));
    public static readonly TaskMetric AbsoluteError = new("depth", new Metric("abs-error", "m", HigherIsBetter: false));

    public static readonly IReadOnlyList<TaskMetric> Metrics = [Miou, Accuracy, AbsoluteError];

    /// <summary>Single-task, uniform, dwa and pc-grad, all finished.</summary>
    public static List<RunRecord> Sweep() =>
    [
        .. Baselines(),
        MultiTask("uniform", 1, 0.55, 0.8, 0.1, stepMilliseconds: 10),
        MultiTask("uniform", 2, 0.45, 0.8, 0.2, stepMilliseconds: 30),
        MultiTask("uniform", 3, 0.44, 0.8, 0.3, stepMilliseconds: 20),
        MultiTask("dwa(temperature=1)", 1, 0.6, 0.8, 0.1, stepMilliseconds: 40),
        MultiTask("dwa(temperature=1)", 2, 0.6, 0.8, 0.1, stepMilliseconds: 40),
        MultiTask("dwa(temperature=1)", 3, 0.48, 0.8, 0.1, stepMilliseconds: 40),
        MultiTask("pc-grad", 1, 0.4, 0.8, 0.25, stepMilliseconds: 50),
        MultiTask("pc-grad", 2, 0.4, 0.8, 0.25, stepMilliseconds: 50),
        MultiTask("pc-grad", 3, 0.32, 0.8, 0.25, stepMilliseconds: 50),
    ];

    public static IEnumerable<RunRecord> Baselines() =>
    [
        Segmentation(1, 0.5), Segmentation(2, 0.5), Segmentation(3, 0.4),
        Depth(1), Depth(2), Depth(3),
    ];

    public static RunRecord Segmentation(int seed, double miou) =>
        Baseline("segmentation", seed, [Miou, Accuracy], new() { [Miou.Key] = miou, [Accuracy.Key] = 0.8 }, stepMilliseconds: 8);

    public static RunRecord Depth(int seed) =>
        Baseline("depth", seed, [AbsoluteError], new() { [AbsoluteError.Key] = 0.2 }, stepMilliseconds: 4);

    public static RunRecord MultiTask(
        string strategy, int seed, double miou, double accuracy, double absoluteError, double stepMilliseconds = 10) =>
        Record($"scenes.segnet.{strategy}.s{seed}", strategy, singleTask: null, seed, Metrics, stepMilliseconds) with
        {
            Test = new Dictionary<string, double> { [Miou.Key] = miou, [Accuracy.Key] = accuracy, [AbsoluteError.Key] = absoluteError },
        };

    public static RunRecord Failed(RunRecord record, string reason) => record with
    {
        Status = RunStatus.Failed,
        Failure = reason,
        SelectedEpoch = 0,
        Test = new Dictionary<string, double>(),
    };

    private static RunRecord Baseline(
        string task, int seed, IReadOnlyList<TaskMetric> metrics, Dictionary<string, double> test, double stepMilliseconds) =>
        Record($"scenes.segnet.single-{task}.s{seed}", "single-task", task, seed, metrics, stepMilliseconds) with { Test = test };

    private static RunRecord Record(
        string id, string strategy, string? singleTask, int seed, IReadOnlyList<TaskMetric> metrics, double stepMilliseconds) => new()
    {
        Id = id,
        SpecSha256 = new string('a', 64),
        Benchmark = "scenes",
        Model = "segnet(width=0.25)",
        Strategy = strategy,
        SingleTask = singleTask,
        Seed = seed,
        Status = RunStatus.Done,
        Settings = new Dictionary<string, string>
        {
            ["benchmark"] = "scenes",
            ["benchmark.images"] = "2000",
            ["model"] = "segnet",
            ["model.width"] = "0.25",
            ["seed"] = seed.ToString(),
            ["strategy"] = strategy,
            ["training.batch-size"] = "16",
            ["training.epochs"] = "20",
        },
        Provenance = new Dictionary<string, string>
        {
            ["cpu"] = "Invented 9000",
            ["data-sha256"] = string.Concat(Enumerable.Repeat("0123456789abcdef", 4)),
            ["torchsharp"] = "0.107.0",
        },
        Metrics = metrics,
        SelectedEpoch = 7,
        Cost = new RunCost
        {
            StepMilliseconds = stepMilliseconds,
            BackwardPasses = strategy == "pc-grad" ? 2 : 1,
            PeakMebibytes = 500 + seed,
            TrainSeconds = 100 * seed,
            TeacherSeconds = strategy == "pc-grad" ? 30 : 0,
            SolverFailures = strategy == "pc-grad" ? seed : 0,
        },
    };
}
