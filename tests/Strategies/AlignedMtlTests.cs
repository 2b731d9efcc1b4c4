using CsCheck;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;
using MathNet.Numerics.LinearAlgebra;

namespace KdMtlBench.Tests.Strategies;

public class AlignedMtlTests : TensorTest
{
    private static readonly double[][] Rows = [[-4, 1, 1], [6, 1, 1]];

    [Fact]
    public void Two_gradients_have_the_weights_of_the_reference()
    {
        AlignedMtl.Weights(Gramians.Of(Rows), new AlignedMtlOptions { Reduction = AlignedReduction.Mean }).ShouldBe([0.5591, 0.4083], 1e-4);
        AlignedMtl.Weights(Gramians.Of(Rows), new AlignedMtlOptions()).ShouldBe([1.1182, 0.8166], 2e-4);
    }

    [Fact]
    public void Aligned_gradients_have_condition_number_one() =>
        Gramians.Scaled(mayBeDependent: false).Sample(rows =>
        {
            var lengths = SingularValues(rows, new AlignedMtlOptions { RankTolerance = 0 });
            lengths.Length.ShouldBe(rows.Length);
            (lengths.Max() / lengths.Min()).ShouldBe(1, 1e-8);
        }, iter: 200);

    [Fact]
    public void Dependent_gradients_are_aligned_within_their_span() =>
        Gen.Select(Gramians.Scaled(), Gen.Enum<AlignedScale>()).Sample((scaled, scale) =>
        {
            var rows = scaled.Select(row => Gramians.Times(row, 1 / Gramians.Norm(row))).ToArray();
            var rank = Math.Min(rows.Length, rows[0].Length);
            var own = Matrix<double>.Build.DenseOfRowArrays(rows).Svd().S.Take(rank).ToArray();
            if (own[^1] < 0.01 * own[0])
                return; // as many directions as tasks: the rank is a matter of the tolerance
            var lengths = SingularValues(rows, new AlignedMtlOptions { Scale = scale });
            (lengths[rank - 1] / lengths[0]).ShouldBe(1, 1e-8);
            lengths.Skip(rank).Append(0).Max().ShouldBeLessThan(1e-8 * lengths[0]);
            lengths[0].ShouldBe(scale switch
            {
                AlignedScale.Median => own[rank / 2],
                AlignedScale.Rmse => Math.Sqrt(own.Average(value => value * value)),
                _ => own[^1],
            }, 1e-8);
        }, iter: 300);

    [Fact]
    public void Orthogonal_gradients_of_one_length_are_left_alone() =>
        AlignedMtl.Weights(Gramians.Of([[3, 0], [0, 3]]), new AlignedMtlOptions()).ShouldBe([1, 1], 1e-15);

    [Fact]
    public void The_strategy_applies_the_weights()
    {
        using var tasks = QuadraticTasks.WithGradients(Rows, [1, 1]);
        tasks.Train(new AlignedMtl(new AlignedMtlOptions { Reduction = AlignedReduction.Mean })).ShouldBe([0.5591, 0.4083], 1e-4);
    }

    /// <summary>Of BJ, in falling order.</summary>
    private static double[] SingularValues(double[][] rows, AlignedMtlOptions options)
    {
        var balance = AlignedMtl.Balance(Gramians.Of(rows), options);
        var aligned = Matrix<double>.Build.DenseOfArray(balance) * Matrix<double>.Build.DenseOfRowArrays(rows);
        return [.. aligned.Svd().S];
    }
}
