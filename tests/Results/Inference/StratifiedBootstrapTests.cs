using KdMtlBench.Host.Results.Inference;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace KdMtlBench.Tests.Results.Inference;

public class StratifiedBootstrapTests
{
    [Fact]
    public void Its_interval_holds_the_middle_95_percent_of_what_draws_with_replacement_give()
    {
        // Of four seeds one is 4: the number of draws that take it is binomial with 1/4, at least 3 in 5.1 %, 4 in 0.4 %, none in 31.6 %.
        double[] values = [0, 0, 0, 4];
        var mean = new StratifiedBootstrap([4]).Of([0], draws => [draws[0].Average(seed => values[seed])]).Single();
        mean.ShouldBe(new BootstrapInterval(1, 0, 3));
    }

    [Fact]
    public void Groups_are_drawn_each_by_itself_and_keep_their_numbers_of_seeds()
    {
        var sums = new StratifiedBootstrap([3, 5]).Of([0, 1], draws => [draws[0].Length, draws[1].Length, draws[1].Max(), draws[0].Zip(draws[1]).Count(pair => pair.First == pair.Second)]);
        sums[0].ShouldBe(new BootstrapInterval(3, 3, 3));
        sums[1].ShouldBe(new BootstrapInterval(5, 5, 5));
        sums[2].High.ShouldBe(4);
        sums[3].ShouldBe(new BootstrapInterval(3, 0, 2));
    }

    [Fact]
    public void Two_draws_of_a_group_are_drawn_each_alone()
    {
        // X is better than Y in every seed, by less than the seeds differ. Three runs of X's worst seed meet three of Y's better ones in 3.6 % of the draws.
        double[] x = [0.5, 10.5, 20.5], y = [0, 10, 20];
        var wins = new ProbabilityOfImprovement(x, y);
        var bootstrap = new StratifiedBootstrap([3, 3]);
        var alone = bootstrap.Of([0], draws => [wins.Of(draws[0], draws[1])]).Single();
        (alone.Value, alone.High).ShouldBe((6 / 9.0, 1));
        alone.Low!.Value.ShouldBeLessThan(0.3);
        bootstrap.Of([0], draws => [wins.Of(draws[0], draws[0])]).Single().Low!.Value.ShouldBe(6 / 9.0);
    }

    [Fact]
    public void Below_three_seeds_there_is_no_interval() =>
        new StratifiedBootstrap([3, 2]).Of([0, 1], draws => [draws.Sum(draw => draw.Sum())]).ShouldBe([new BootstrapInterval(4, null, null)]);

    [Fact]
    public void A_draw_without_a_failed_run_is_finite_and_one_with_it_is_not()
    {
        double[] values = [1, 2, double.NegativeInfinity];
        new StratifiedBootstrap([3]).Of([0], draws => [Statistics.Mean([.. draws[0].Select(seed => values[seed])])])
            .ShouldBe([new BootstrapInterval(double.NegativeInfinity, double.NegativeInfinity, 2)]);
    }

    /// <summary>The shares that docs/statistics.md gives: of invented strategies that do not differ, by normal noise.</summary>
    [Theory]
    [InlineData(2, 3, 0.84, 0.94)]
    [InlineData(5, 5, 0.91, 0.92)]
    public void The_interval_is_too_narrow_for_few_seeds(int groups, int seeds, double ofIqm, double ofProbability)
    {
        const int Sweeps = 300;
        var random = new MersenneTwister(7, threadSafe: false);
        var all = Enumerable.Range(0, groups).ToList();
        var bootstrap = new StratifiedBootstrap([.. Enumerable.Repeat(seeds, 2 * groups)], resamples: 300);
        var (iqms, probabilities) = (0, 0);
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var (x, y) = (Runs(), Runs());
            var wins = all.ConvertAll(group => new ProbabilityOfImprovement(x[group], y[group]));
            var intervals = bootstrap.Of(all, draws =>
                [Statistics.InterquartileMean(all.SelectMany(group => draws[group].Select(seed => x[group][seed]))), all.Average(group => wins[group].Of(draws[group], draws[groups + group]))]);
            iqms += intervals[0].Low <= 0 && intervals[0].High >= 0 ? 1 : 0;
            probabilities += intervals[1].Low <= 0.5 && intervals[1].High >= 0.5 ? 1 : 0;
        }

        (iqms / (double)Sweeps).ShouldBe(ofIqm, 0.07);
        (probabilities / (double)Sweeps).ShouldBe(ofProbability, 0.07);

        List<double[]> Runs() => all.ConvertAll(_ => Normal.Samples(random, 0, 1).Take(seeds).ToArray());
    }
}
