using KdMtlBench.Host.Results.Inference;

namespace KdMtlBench.Tests.Results.Inference;

public class RelativeChangeTests
{
    private static readonly TaskMetric[] NyuMetrics =
    [
        Metric("segmentation", "miou", true), Metric("segmentation", "pixel-accuracy", true),
        Metric("depth", "abs-error", false), Metric("depth", "relative-error", false),
        Metric("normals", "mean-angle", false), Metric("normals", "median-angle", false),
        Metric("normals", "within-11.25", true), Metric("normals", "within-22.5", true), Metric("normals", "within-30", true),
    ];

    // NYU-v2, SegNet with MTAN, in the protocol of Navon et al., "Multi-Task Learning as a Bargaining Game" (ICML 2022).
    private static readonly double[] SingleTask = [38.30, 63.76, 0.6754, 0.2780, 25.01, 19.21, 30.14, 57.20, 69.15];
    private static readonly double[] EqualWeights = [39.29, 65.33, 0.5493, 0.2263, 28.15, 23.96, 22.09, 47.50, 61.08];

    [Fact]
    public void Both_conventions_give_the_published_table_its_opposite_verdicts()
    {
        RelativeChange.OverMetrics(NyuMetrics, Row(EqualWeights), Row(SingleTask), Row(SingleTask)).ShouldBe(-5.59, 0.02); // published as 5.59, lower is better
        RelativeChange.OverTasks(NyuMetrics, Row(EqualWeights), Row(SingleTask), Row(SingleTask)).ShouldBe(0.88, 0.02);
    }

    [Fact]
    public void Negative_baselines_keep_the_direction_of_better()
    {
        var metric = Metric("toy", "reward", true);
        RelativeChange.OverMetrics([metric], One(metric, -1), One(metric, -2), One(metric, -2)).ShouldBe(50);
    }

    [Fact]
    public void With_the_same_denominators_the_mean_of_the_changes_is_the_change_of_the_means()
    {
        var metric = Metric("toy", "error", false);
        double Change(double value, double baseline) => RelativeChange.OverTasks([metric], One(metric, value), One(metric, baseline), One(metric, 2.5));
        ((Change(1, 1) + Change(6, 4)) / 2).ShouldBe(-100 * (3.5 - 2.5) / 2.5);
    }

    [Fact]
    public void A_missing_metric_is_not_a_number() =>
        RelativeChange.OverTasks(NyuMetrics, Row(EqualWeights), One(NyuMetrics[0], 1), Row(SingleTask)).ShouldBe(double.NaN);

    private static TaskMetric Metric(string task, string id, bool higherIsBetter) => new(task, new Metric(id, "", higherIsBetter));

    private static Dictionary<string, double> Row(double[] values) => NyuMetrics.Zip(values).ToDictionary(pair => pair.First.Key, pair => pair.Second);

    private static Dictionary<string, double> One(TaskMetric metric, double value) => new() { [metric.Key] = value };
}
