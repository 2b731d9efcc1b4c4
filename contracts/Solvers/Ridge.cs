namespace KdMtlBench.Contracts.Solvers;

/// <summary>The ridge added to the diagonal of some vectors' cosines before solving.</summary>
internal static class Ridge
{
    /// <summary>Keeps dependent vectors apart and shares weight evenly among equals.</summary>
    public const double Double = 1e-12;

    /// <summary>A Gramian summed in single precision may be indefinite by about 1e-7.</summary>
    public const double Single = 1e-6;

    /// <summary>The solution with the small ridge; where its gap is above the tolerance, the better of that and the large one's.</summary>
    public static T Best<T>(Func<double, T> solve, Func<T, double> gap, double tolerance)
    {
        var solution = solve(Double);
        if (gap(solution) <= tolerance)
            return solution;
        var again = solve(Single);
        return gap(again) < gap(solution) ? again : solution;
    }
}
