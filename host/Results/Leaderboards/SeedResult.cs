using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>What one seed of one strategy gave: one run, or the single-task runs of all tasks.</summary>
internal sealed record SeedResult(int Seed, IReadOnlyDictionary<string, double> Test, RunCost Cost)
{
    public static SeedResult Of(IReadOnlyList<RunRecord> runs) => new(
        runs[0].Seed,
        runs.SelectMany(run => run.Test).ToDictionary(),
        new RunCost
        {
            StepMilliseconds = runs.Sum(run => run.Cost.StepMilliseconds),
            BackwardPasses = runs.Sum(run => run.Cost.BackwardPasses),
            PeakMebibytes = runs.Max(run => run.Cost.PeakMebibytes),
            TrainSeconds = runs.Sum(run => run.Cost.TrainSeconds),
            TeacherSeconds = runs.Sum(run => run.Cost.TeacherSeconds),
        });
}
