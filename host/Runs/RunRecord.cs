namespace KdMtlBench.Host.Runs;

/// <summary>Everything one run leaves behind: <c>runs/&lt;id&gt;/run.json</c>.</summary>
public sealed record RunRecord
{
    /// <summary>Of this file; raised when a field changes its meaning.</summary>
    public int Format { get; init; } = 1;

    public required string Id { get; init; }

    /// <summary>Of all that determines the result, lower-case hex.</summary>
    public required string SpecSha256 { get; init; }

    /// <summary>Label with the options that differ from their defaults: <c>scenes(width=64)</c>.</summary>
    public required string Benchmark { get; init; }

    /// <summary>Label of the benchmark whose single-task runs this one is compared with, where it learns only some of its tasks; else null.</summary>
    public string? SingleTaskBenchmark { get; init; }

    public required string Model { get; init; }

    /// <summary>Label of the strategy or the composition, <c>single-task</c> for a baseline.</summary>
    public required string Strategy { get; init; }

    /// <summary>The one task a baseline learns; null for a multi-task run.</summary>
    public string? SingleTask { get; init; }

    public required int Seed { get; init; }

    public required RunStatus Status { get; init; }

    /// <summary>One sentence: what failed, at which step, for which task.</summary>
    public string? Failure { get; init; }

    /// <summary>Every setting in full, as <c>training.batch-size</c> → <c>16</c>.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>Where and with what it ran: versions, hashes, device, threads.</summary>
    public required IReadOnlyDictionary<string, string> Provenance { get; init; }

    /// <summary>Of the tasks that this run learns.</summary>
    public required IReadOnlyList<TaskMetric> Metrics { get; init; }

    /// <summary>The epoch, from 1, whose parameters did best on validation; 0 where the run failed.</summary>
    public int SelectedEpoch { get; init; }

    /// <summary>Mean training losses of the last epoch, by task; empty in records of before they were kept.</summary>
    public IReadOnlyDictionary<string, double> TrainLosses { get; init; } = new Dictionary<string, double>();

    /// <summary>By <see cref="TaskMetric.Key"/>, at the selected epoch.</summary>
    public IReadOnlyDictionary<string, double> Validation { get; init; } = new Dictionary<string, double>();

    /// <summary>By <see cref="TaskMetric.Key"/>, read once, at the selected epoch.</summary>
    public IReadOnlyDictionary<string, double> Test { get; init; } = new Dictionary<string, double>();

    public required RunCost Cost { get; init; }

    /// <summary>What strategies could not solve, the most frequent first; <see cref="RunCost.SolverFailures"/> is their sum.</summary>
    public IReadOnlyList<SolverFailureRecord> SolverFailures { get; init; } = [];

    /// <summary>Tasks that the selected network solves no better on the test than always answering the most frequent class; only of whole-image
    /// classifications, and empty in records of before this was looked at.</summary>
    public IReadOnlyList<string> AtChance { get; init; } = [];
}
