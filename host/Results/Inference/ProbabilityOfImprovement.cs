namespace KdMtlBench.Host.Results.Inference;

/// <summary>The probability that a run of X is better than a run of Y on the same group, ties counting half: Mann and Whitney's U over the
/// number of pairs.</summary>
/// <remarks>Agarwal et al., NeurIPS 2021, section 4.3; over several groups the mean.</remarks>
public sealed class ProbabilityOfImprovement
{
    private readonly int[] _order; // of Y's runs, the worst first
    private readonly int[] _below; // of each run of X: how many of Y's are worse
    private readonly int[] _upTo; // and how many are no better

    /// <param name="x">One value a run, higher is better.</param>
    /// <param name="y">Of the other strategy.</param>
    public ProbabilityOfImprovement(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        _order = [.. Enumerable.Range(0, y.Count).OrderBy(run => y[run])];
        _below = [.. x.Select(value => y.Count(other => other < value))];
        _upTo = [.. x.Select(value => y.Count(other => other <= value))];
    }

    /// <summary>Of the runs as they are.</summary>
    public double Value => _below.Zip(_upTo, (below, upTo) => (below + upTo) / 2.0).Average() / _order.Length;

    /// <summary>Of drawn runs, some of them more than once.</summary>
    /// <param name="drawX">Indices of X's runs.</param>
    /// <param name="drawY">Indices of Y's runs.</param>
    public double Of(int[] drawX, int[] drawY)
    {
        Span<int> times = stackalloc int[_order.Length];
        foreach (var run in drawY)
            times[run]++;
        Span<int> cumulated = stackalloc int[_order.Length + 1];
        for (var i = 0; i < _order.Length; i++)
            cumulated[i + 1] = cumulated[i] + times[_order[i]];
        var halves = 0L;
        foreach (var run in drawX)
            halves += cumulated[_below[run]] + cumulated[_upTo[run]];
        return halves / (2.0 * drawX.Length * drawY.Length);
    }
}
