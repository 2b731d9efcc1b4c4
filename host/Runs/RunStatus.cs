namespace KdMtlBench.Host.Runs;

/// <summary>How a run ended.</summary>
public enum RunStatus
{
    Done,
    Failed,
}
