using KdMtlBench.Host.Benchmarks;

namespace KdMtlBench.Host.Results;

/// <summary>How a run ended.</summary>
public enum RunStatus
{
    Done,
    Failed,
}
