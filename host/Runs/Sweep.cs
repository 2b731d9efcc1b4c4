namespace KdMtlBench.Host.Runs;

/// <summary>A whole sweep, read, checked and expanded.</summary>
/// <param name="Name">The name of its folder.</param>
/// <param name="Folder">The output folder: where runs and leaderboard go.</param>
/// <param name="Title">One line for the leaderboard's head; may be empty.</param>
/// <param name="Runs">Baselines first, each benchmark and model together.</param>
public sealed record Sweep(string Name, string Folder, string Title, IReadOnlyList<RunSpec> Runs)
{
    /// <summary>Strategies whose options trials choose before these runs start.</summary>
    public IReadOnlyList<TunedStrategy> Tuned { get; init; } = [];

    /// <summary>Tasks whose single-task runs' training options trials choose, before those of <see cref="Tuned"/> start.</summary>
    public IReadOnlyList<TunedStrategy> TunedSingleTask { get; init; } = [];

    /// <summary>Whether the trials of <see cref="TunedSingleTask"/> are over, and the runs made of what they chose.</summary>
    public bool SingleTaskChosen { get; init; }

    /// <summary>Whether other runs follow in the same folder, which may learn from this sweep's networks.</summary>
    public bool RunsFollow { get; init; }

    /// <summary>How the leaderboard's rows are judged.</summary>
    public DecisionRule Rule { get; init; } = DecisionRule.Default;

    /// <summary>The sweep file; empty where it was not read from one.</summary>
    public string File { get; init; } = "";

    /// <summary>As a sweep file, with what the command line has put into it.</summary>
    public string Text { get; init; } = "";

    /// <summary>What is worth saying before the runs start, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
