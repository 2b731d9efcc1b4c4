using CsCheck;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class SmoothTchebycheffTests : TensorTest
{
    [Fact]
    public void Weights_are_the_gradient_of_the_scalarisation() =>
        Gen.Select(Gen.Double[0.1, 10].Array[3], Gen.Double[0.1, 10].Array[3], Gen.Double[0.1, 3]).Sample((losses, nadir, mu) =>
        {
            using var scope = NewDisposeScope();
            var leaf = tensor(losses, requires_grad: true);
            (3 * mu * (leaf / tensor(nadir)).log().div(mu).logsumexp(0)).backward();
            SmoothTchebycheff.Weights(tensor(losses), tensor(nadir), mu).data<double>().ToArray()
                .ShouldBe(leaf.grad!.data<double>().ToArray(), 1e-9);
        }, iter: 100, threads: 1);

    [Fact]
    public void Without_smoothness_the_worst_task_alone_counts()
    {
        // f = log 2, log 0.5, log 1.9: the first is the largest, and d(3 max f)/dL is 3/L.
        SmoothTchebycheff.Weights(tensor([4.0, 1, 1.9]), tensor([2.0, 2, 1]), 1e-3).data<double>().ToArray().ShouldBe([0.75, 0, 0], 1e-12);
    }

    [Fact]
    public void Log_losses_are_summed_until_the_nadirs_epoch_is_over()
    {
        using var tasks = QuadraticTasks.WithGradients([[1, 0], [0, 1]], [2, 5]);
        using var longer = new QuadraticTasks([1, 1], [[1, 0], [0, 1]], [1.5, 4.5]) { Epochs = 3 };
        var strategy = new SmoothTchebycheff(new() { NadirEpoch = 2 });
        Should.Throw<ArgumentException>(() => strategy.Initialise(tasks)).Message.ShouldContain("epoch 2");
        strategy.Initialise(longer);
        for (var epoch = 0; epoch < 4; epoch++)
        {
            longer.EpochLosses = [.. new double[][] { [9, 9], [4, 20], [7, 7] }.Take(epoch)];
            strategy.StartEpoch(new EpochHistory(longer.EpochLosses));
            // L = (2, 5); from the third epoch on L / nadir = (½, ¼), whose softmax of logs at μ = 1 is (⅔, ⅓).
            longer.Train(strategy).ShouldBe(epoch < 2 ? [0.5, 0.2] : [2 * (2.0 / 3) / 2, 2 * (1.0 / 3) / 5], 1e-5);
        }
    }
}
