namespace KdMtlBench.Contracts.Solvers;

/// <summary>The simplex: non-negative entries that sum to 1.</summary>
public static class Simplex
{
    /// <summary>The nearest point of the simplex: max(0, xᵢ − shift), with the shift that makes the sum 1
    /// (Duchi et al., ICML 2008, figure 1). Exact up to rounding.</summary>
    /// <param name="point">At least one entry, finite.</param>
    public static double[] Project(IReadOnlyList<double> point)
    {
        var largest = point.Max();
        double[] below = [.. point.Select(value => value - largest)]; // or a sum of large entries would swallow the 1
        var (sum, shift, count) = (0.0, 0.0, 0);
        foreach (var value in below.OrderDescending())
        {
            sum += value;
            count++;
            if (value <= (sum - 1) / count)
                break;
            shift = (sum - 1) / count;
        }
        return [.. below.Select(value => Math.Max(0, value - shift))];
    }
}
