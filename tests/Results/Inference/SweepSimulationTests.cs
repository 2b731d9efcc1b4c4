using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Tests.Results.Inference;

public class SweepSimulationTests
{
    private static readonly DecisionRule _rule = new("uniform", 1, new SeedRounds(5, 20));

    [Theory]
    [InlineData(5, 0.5)]
    [InlineData(20, 1)]
    [InlineData(20, 3)]
    public void No_more_than_5_percent_of_sweeps_have_a_wrong_word_at_0_and_at_the_margin(int rows, double scatter)
    {
        var made = new SweepSimulation(rows, _rule, [0, 1, -1], scatter, InventedNoise.Normal).Run(2000);
        made.Error.ShouldBeLessThan(0.05 + (3 * Math.Sqrt(0.05 * 0.95 / 2000)));
        made.Decided.ShouldBeGreaterThan(scatter > 2 ? 0.005 : 0.5);
    }

    [Fact]
    public void A_family_that_counts_one_row_for_twenty_is_wrong_more_often()
    {
        // What the correction is for: the same rows, each judged as if it stood alone.
        var alone = new SweepSimulation(1, _rule, [0], 3, InventedNoise.Normal).Run(2000).Error;
        (1 - Math.Pow(1 - alone, 20)).ShouldBeGreaterThan(0.3);
    }

    [Fact]
    public void The_same_seed_invents_the_same_sweeps()
    {
        var simulation = new SweepSimulation(4, _rule, [0.5], 1, InventedNoise.HeavyTailed);
        simulation.Run(200).ShouldBe(simulation.Run(200));
        simulation.Run(200, seed: 2).ShouldNotBe(simulation.Run(200));
    }

    [Fact]
    public void A_fixed_number_that_decides_as_much_is_found()
    {
        var simulation = new SweepSimulation(3, _rule, [0], 1, InventedNoise.Normal);
        var seeds = simulation.FixedSeeds(0.9, 60, 500)!.Value;
        double Decided(int number) => (simulation with { Rule = _rule with { Rounds = new SeedRounds(number, number) } }).Run(500).Decided;
        Decided(seeds).ShouldBeGreaterThanOrEqualTo(0.9);
        Decided(seeds - 1).ShouldBeLessThan(0.9);
        simulation.FixedSeeds(0.9999, 5, 500).ShouldBeNull();
    }

    [Theory]
    [InlineData(InventedNoise.Normal)]
    [InlineData(InventedNoise.Skewed)]
    public void Noise_has_mean_0_and_deviation_1(InventedNoise noise)
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 100_000).Select(_ => noise.Draw(random, reference: false)).ToList();
        Statistics.Mean(values).ShouldBe(0, 0.02);
        Statistics.StandardDeviation(values).ShouldBe(1, 0.02);
    }
}
