using MathNet.Numerics.Distributions;

namespace KdMtlBench.Host.Results.Inference;

/// <summary>A row beside the reference of its sweep.</summary>
/// <param name="Difference">Mean of Δ task minus the reference's, in points, positive is better.</param>
/// <param name="HalfWidth">Of the difference's interval, which holds at 95 % for all rows of the family together; null below three seeds, or where a
/// difference is not finite.</param>
/// <param name="Deviation">Standard deviation of the difference over seeds.</param>
/// <param name="Seeds">That both rows have; where they come in rounds, up to the one that decided.</param>
/// <param name="LastSeed">Of them.</param>
/// <param name="Failed">Runs of the row that failed: such a row is never better or equivalent.</param>
/// <param name="Level">Of this row's interval, or of its intervals at all looks: the family's, shared by its rows.</param>
public sealed record Verdict(double Difference, double? HalfWidth, double Deviation, int Seeds, int LastSeed, int Failed, double Level)
{
    /// <summary>The largest number of seeds that is told.</summary>
    public const int MostSeeds = 9999;

    /// <summary>Of a sweep with as many seeds as <see cref="SeedsToDecide"/> says: that it decides.</summary>
    public const double Power = 0.8;

    /// <summary>What the interval says.</summary>
    /// <param name="margin">In points.</param>
    public Decision At(double margin)
    {
        if (HalfWidth is not { } halfWidth)
            return Decision.Undecided;
        var (low, high) = (Difference - halfWidth, Difference + halfWidth);
        var within = low > -margin && high < margin;
        return high < 0 ? (within ? Decision.WorseByLess : Decision.Worse)
            : Failed > 0 ? Decision.Undecided
            : low > 0 ? (within ? Decision.BetterByLess : Decision.Better)
            : within ? Decision.Equivalent : Decision.Undecided;
    }

    /// <summary>The fixed number of seeds that would decide with a probability of <see cref="Power"/>, if mean and deviation were the true ones;
    /// null where it is above <see cref="MostSeeds"/>, where a failed run stands in the way, or where nothing is known.</summary>
    /// <param name="margin">In points.</param>
    public int? SeedsToDecide(double margin)
    {
        if (HalfWidth is null || Failed > 0)
            return null;
        var room = Math.Max(Math.Abs(Difference), margin - Math.Abs(Difference)); // from the mean to the border that is farther
        if (!Decides(MostSeeds))
            return null;
        var (fewer, enough) = (Statistics.FewestSeeds - 1, MostSeeds);
        while (enough - fewer > 1)
        {
            var middle = (fewer + enough) / 2;
            (fewer, enough) = Decides(middle) ? (fewer, middle) : (middle, enough);
        }

        return enough;

        bool Decides(int seeds) => NeededRoom(seeds) * Deviation / Math.Sqrt(seeds) <= room;
    }

    /// <summary>In standard errors: the quantile of the noncentral t that the interval's border is, by its normal approximation (Johnson, Kotz &amp;
    /// Balakrishnan, Continuous Univariate Distributions 2, section 31.6).</summary>
    private double NeededRoom(int seeds)
    {
        var (quantile, degrees) = (Statistics.TQuantile(Level, seeds), seeds - 1.0);
        return (quantile * (1 - (1 / (4 * degrees)))) + (Normal.InvCDF(0, 1, Power) * Math.Sqrt(1 + (quantile * quantile / (2 * degrees))));
    }
}
