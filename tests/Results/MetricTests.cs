using KdMtlBench.Contracts.Benchmarks.Tasks;
using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Tests.Results;

public class MetricTests
{
    private static readonly TaskMetric _r2 = new("t", Metric.Score("r2", ideal: 1, countsInDelta: false));
    private static readonly TaskMetric _psnr = new("t", Metric.Score("psnr", "dB"));
    private static readonly TaskMetric _mae = new("t", Metric.Error("mae"));

    [Fact]
    public void Selection_takes_the_distance_from_the_ideal_whatever_the_scale()
    {
        Error((_r2, -3)).ShouldBeGreaterThan(Error((_r2, 0.2)));
        Error((_r2, 0.2)).ShouldBeGreaterThan(Error((_r2, 0.9)));
        var reward = new TaskMetric("t", Metric.Score("score", ideal: 200));
        Error((reward, 150)).ShouldBeGreaterThan(Error((reward, 190))); // was the same for both, and the first epoch won in silence
    }

    [Fact]
    public void A_metric_without_an_ideal_takes_no_part_in_the_selection()
    {
        Error((_psnr, 20), (_mae, 0.5)).ShouldBe(Error((_psnr, 40), (_mae, 0.5)));
        ValidationError.Unselectable([new Fake([_psnr.Metric]), new Fake([_psnr.Metric, _mae.Metric])]).ShouldBe(["fake"]);
    }

    [Fact]
    public void A_metric_that_is_not_counted_stays_out_of_both_changes()
    {
        TaskMetric[] metrics = [_mae, _r2];
        var (values, baseline) = (Values((_mae, 0.4), (_r2, 0.1)), Values((_mae, 0.5), (_r2, -0.001)));
        RelativeChange.OverTasks(metrics, values, baseline, baseline).ShouldBe(20, 1e-9);
        RelativeChange.OverMetrics(metrics, values, baseline, baseline).ShouldBe(20, 1e-9);
    }

    [Fact]
    public void Records_of_before_ideals_were_written_mean_what_they_meant()
    {
        new Metric("accuracy", "%", HigherIsBetter: true).ShouldBe(Metric.Fraction("accuracy"));
        new Metric("error", "m", HigherIsBetter: false).ShouldBe(Metric.Error("error", "m"));
        (Metric.Fraction("a").Ideal, Metric.Fraction("a").DisplayFactor).ShouldBe((1, 100));
        new Metric("reward", "", HigherIsBetter: true).Ideal.ShouldBeNull();
    }

    [Fact]
    public void The_leaderboard_says_what_delta_leaves_out_and_where_it_means_nothing()
    {
        var kept = new TaskMetric("depth", Metric.Error("abs-error", "m"));
        var records = InventedRecords.Sweep().ConvertAll(record => record with
        {
            Metrics = [.. record.Metrics, .. record.SingleTask is null or "depth" ? [_r2 with { Task = "depth" }, kept with { Metric = kept.Metric with { Id = "bias" } }] : Array.Empty<TaskMetric>()],
            Test = record.SingleTask is null or "depth" ? new Dictionary<string, double>(record.Test) { ["depth.r2"] = 0.5, ["depth.bias"] = -0.1 } : record.Test,
        });
        var notes = Leaderboard.Build("", records).Groups[0].Notes;
        notes.ShouldContain("Left out of Δ, since a change relative to them means nothing: depth.r2.");
        notes.ShouldContain(note => note.StartsWith("Δ means nothing here: single-task values of depth.bias are zero or negative.", StringComparison.Ordinal));
    }

    private static double Error(params (TaskMetric Metric, double Value)[] values) => ValidationError.Of(values.Select(value => value.Metric), Values(values));

    private static Dictionary<string, double> Values(params (TaskMetric Metric, double Value)[] values) => values.ToDictionary(value => value.Metric.Key, value => value.Value);

    private sealed class Fake(IReadOnlyList<Metric> metrics) : LearningTask("fake", TaskKind.Regression, 1)
    {
        public override IReadOnlyList<Metric> Metrics => metrics;

        public override Tensor Loss(Tensor prediction, Tensor target) => throw new NotSupportedException();

        public override Tensor SoftLoss(Tensor prediction, Tensor target, Tensor soft) => throw new NotSupportedException();

        public override Measurement Measure(Device device) => throw new NotSupportedException();
    }
}
