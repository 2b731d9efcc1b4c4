using System.Diagnostics;
using CsCheck;
using KdMtlBench.Contracts.Solvers;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;
using Xunit.Abstractions;

namespace KdMtlBench.Tests.Strategies;

/// <summary>What holds for every weighting of gradients by their Gramian.</summary>
public class GramianStrategyTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, Func<double[,], double[]>> Weightings = new()
    {
        ["upgrad"] = UpGrad.Weights,
        ["dualproj"] = DualProj.Weights,
        ["cagrad"] = gramian => CaGrad.Weights(gramian, new CaGradOptions()),
        ["cagrad-1.5"] = gramian => CaGrad.Weights(gramian, new CaGradOptions { C = 1.5 }),
        ["nash-mtl"] = gramian => NashMtl.Weights(gramian, 1),
        ["nash-mtl-unclipped"] = gramian => NashMtl.Weights(gramian, 0),
        ["fairgrad-1"] = gramian => FairGrad.Weights(gramian, 1),
        ["fairgrad-2"] = gramian => FairGrad.Weights(gramian, 2),
        ["imtl-g"] = gramian => EqualProjections.Solve(gramian).SummingToOne(),
        ["config"] = gramian => ConFig.Weights(gramian),
        ["aligned-mtl"] = gramian => AlignedMtl.Weights(gramian, new AlignedMtlOptions()),
        ["gradvac"] = gramian => GradVac.Weights(gramian, Evenly(gramian.GetLength(0), 0.1), 0.01, new Random(1)),
    };

    public static TheoryData<string> All => [.. Weightings.Keys];

    /// <summary>GradVac's weights depend on the order drawn, unless there are two tasks.</summary>
    public static TheoryData<string> Ordered => [.. Weightings.Keys.Where(name => name != "gradvac")];

    public static TheoryData<string> NonConflicting => ["upgrad", "dualproj", "cagrad-1.5"];

    [Theory, MemberData(nameof(All))]
    public void Weights_are_finite_whatever_the_gramian(string name) =>
        Gramians.Jacobians().Sample(rows =>
        {
            var weights = Weightings[name](Gramians.Of(rows));
            weights.Length.ShouldBe(rows.Length);
            weights.ShouldAllBe(weight => double.IsFinite(weight));
        }, iter: 500);

    [Theory, MemberData(nameof(All))]
    public void Zero_and_identical_gradients_have_finite_weights(string name)
    {
        foreach (double[][] rows in new double[][][]
                 {
                     [[0, 0], [0, 0]], [[0, 0], [1, 2]], [[1, 2], [1, 2]], [[1, 2], [-1, -2]], [[1, 2], [0, 0], [1, 2], [-3, 1e-9]], [[1e-12, 0], [1e12, 1]], [[5, 5]],
                 })
            Weightings[name](Gramians.Of(rows)).ShouldAllBe(weight => double.IsFinite(weight));
    }

    [Theory, MemberData(nameof(Ordered))]
    public void Weights_follow_a_permutation_of_the_tasks(string name) =>
        Gen.Select(Gramians.WellConditioned(), Gen.Int[0, int.MaxValue]).Sample((rows, seed) =>
        {
            var order = Gramians.Permutation(rows.Length, seed);
            var weights = Weightings[name](Gramians.Of(rows));
            var permuted = Weightings[name](Gramians.Of([.. order.Select(i => rows[i])]));
            permuted.ShouldBe([.. order.Select(i => weights[i])], 1e-6 * weights.Max(Math.Abs));
        }, iter: 100);

    [Theory]
    [InlineData("upgrad", 0)]
    [InlineData("dualproj", 0)]
    [InlineData("cagrad", 0)]
    [InlineData("cagrad-1.5", 0)]
    [InlineData("nash-mtl", -1)]
    [InlineData("nash-mtl-unclipped", -1)]
    [InlineData("fairgrad-1", -1)]
    [InlineData("fairgrad-2", -4.0 / 3)]
    [InlineData("imtl-g", 0)]
    [InlineData("config", 0)]
    [InlineData("aligned-mtl", 0)]
    [InlineData("gradvac", 0)]
    public void Longer_gradients_have_weights_that_are_a_power_of_the_factor(string name, double power) =>
        Gen.Select(Gramians.WellConditioned(), Gen.Double[-4, 4]).Where((rows, _) => name != "nash-mtl" || Gramians.Norm(rows[0]) > 1).Sample((rows, exponent) =>
        {
            var factor = Math.Pow(10, exponent);
            var weights = Weightings[name](Gramians.Of(rows));
            var scaled = Weightings[name](Gramians.Of([.. rows.Select(row => Gramians.Times(row, factor))]));
            scaled.ShouldBe([.. weights.Select(weight => weight * Math.Pow(factor, power))], 1e-6 * scaled.Max(Math.Abs));
        }, iter: 100);

    [Theory, MemberData(nameof(NonConflicting))]
    public void No_task_gets_worse(string name) =>
        Gramians.Scaled().Sample(rows => ShouldNotConflict(rows, Weightings[name](Gramians.Of(rows))), iter: 300);

    [Theory]
    [InlineData("nash-mtl")]
    [InlineData("fairgrad-2")]
    public void Every_task_gets_better_where_that_can_be(string name) =>
        Gramians.Agreeing().Sample(rows => ShouldNotConflict(rows, Weightings[name](Gramians.Of(rows))), iter: 300);

    [Theory]
    [InlineData("imtl-g")]
    [InlineData("nash-mtl")]
    [InlineData("fairgrad-1")]
    public void Two_tasks_follow_their_bisector(string name) =>
        Gramians.Agreeing(mostTasks: 2).Sample(rows =>
        {
            var weights = Weightings[name](Gramians.Of(rows));
            (weights[0] * Gramians.Norm(rows[0])).ShouldBe(weights[1] * Gramians.Norm(rows[1]), 1e-7 * weights[0] * Gramians.Norm(rows[0]));
        }, iter: 200);

    /// <summary>Milliseconds are the least of several: the bound is on the work, not on the machine's other users.</summary>
    [Theory, MemberData(nameof(All))]
    public void Ten_tasks_take_a_millisecond_and_forty_take_fifty(string name)
    {
        foreach (var (tasks, milliseconds) in new[] { (10, 1.0), (40, 50.0) })
        {
            var random = new Random(1);
            var rows = Enumerable.Range(0, tasks).Select(_ => Enumerable.Range(0, 2 * tasks).Select(_ => random.NextDouble() * 2 - 1).ToArray())
                .Select(row => Gramians.Times(row, Math.Pow(10, random.NextDouble() * 6 - 3))).ToArray();
            var gramian = Gramians.Of(rows);
            var least = Enumerable.Range(0, 60).Min(_ =>
            {
                var clock = Stopwatch.StartNew();
                Weightings[name](gramian);
                return clock.Elapsed.TotalMilliseconds;
            });
            output.WriteLine($"{name}, {tasks} tasks: {least:f3} ms");
            least.ShouldBeLessThan(milliseconds);
        }
    }

    private static void ShouldNotConflict(double[][] rows, double[] weights)
    {
        var direction = Gramians.Combine(rows, weights);
        var reach = rows.Select((row, i) => Math.Abs(weights[i]) * Gramians.Norm(row)).Sum();
        rows.Min(row => Gramians.Dot(row, direction) / Gramians.Norm(row)).ShouldBeGreaterThanOrEqualTo(-1e-8 * reach);
    }

    private static double[,] Evenly(int count, double value)
    {
        var all = new double[count, count];
        for (var i = 0; i < all.Length; i++)
            all[i / count, i % count] = value;
        return all;
    }
}
