using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class GeometricLossTests : TensorTest
{
    [Fact]
    public void The_gradient_is_that_of_the_geometric_mean()
    {
        double[][] rows = [[1, 0], [0, 1], [2, -1]];
        using var tasks = QuadraticTasks.WithGradients(rows, [2, 4, 27]);
        var mean = Math.Cbrt(2 * 4 * 27); // 6
        double[] expected = [mean / 3 / 2, mean / 3 / 4, mean / 3 / 27];
        tasks.Train(new GeometricLoss()).ShouldBe(expected, 1e-5);
        tasks.SharedGradient().ShouldBe(Gramians.Combine(rows, expected), 1e-5);

        using var losses = tensor(new[] { 2f, 4, 27 }, requires_grad: true);
        losses.prod().pow(1.0 / 3).backward();
        losses.grad!.data<float>().Select(value => (double)value).ToArray().ShouldBe(expected, 1e-5);
    }
}
