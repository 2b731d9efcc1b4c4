using System.Text.Json;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Training.Strategies;

/// <summary>What strategies could not solve, counted by strategy and reason.</summary>
internal sealed class SolverFailures
{
    private readonly Dictionary<(string Strategy, string Reason), SolverFailureRecord> _failures = [];

    /// <summary>All together.</summary>
    public long Count => _failures.Values.Sum(failure => failure.Count);

    /// <summary>The most frequent first.</summary>
    public IReadOnlyList<SolverFailureRecord> Records =>
        [.. _failures.Values.OrderByDescending(failure => failure.Count).ThenBy(failure => failure.Strategy + failure.Reason, StringComparer.Ordinal)];

    /// <summary>Counts a failure.</summary>
    /// <param name="strategy">Its id.</param>
    /// <param name="reason">The same text each time.</param>
    /// <param name="residual">The largest finite one is kept.</param>
    /// <param name="times">How often.</param>
    public void Add(string strategy, string reason, double residual = double.NaN, long times = 1)
    {
        var known = _failures.GetValueOrDefault((strategy, reason)) ?? new SolverFailureRecord(strategy, reason, 0, null);
        _failures[(strategy, reason)] = known with
        {
            Count = known.Count + times,
            LargestResidual = double.IsFinite(residual) ? Math.Max(residual, known.LargestResidual ?? residual) : known.LargestResidual,
        };
    }

    /// <summary>For a checkpoint.</summary>
    public string Serialise() => JsonSerializer.Serialize(Records);

    /// <summary>Takes over what <see cref="Serialise"/> gave.</summary>
    public void Restore(string text)
    {
        _failures.Clear();
        foreach (var failure in JsonSerializer.Deserialize<IReadOnlyList<SolverFailureRecord>>(text)!)
            _failures[(failure.Strategy, failure.Reason)] = failure;
    }
}
