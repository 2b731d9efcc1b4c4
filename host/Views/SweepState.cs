using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Views;

/// <summary>A sweep at one moment.</summary>
/// <param name="Runs">To be made.</param>
/// <param name="Finished">Of these, the failed ones among them.</param>
/// <param name="Failed">Of these.</param>
/// <param name="Share">Of the work that is done, 0 to 1.</param>
/// <param name="Left"><c>1:05 left</c>, or empty.</param>
/// <param name="UnderWay">In the order of their starts.</param>
internal sealed record SweepState(int Runs, int Finished, int Failed, double Share, string Left, IReadOnlyList<RunUnderWay> UnderWay);

/// <summary>A run that is being made.</summary>
/// <param name="Run">What it is.</param>
/// <param name="EpochsNow">Epochs done, with a fraction for the steps of the one under way; counted on the host.</param>
/// <param name="Last">The last epoch that is over; null before the first.</param>
internal sealed record RunUnderWay(RunSpec Run, Func<double> EpochsNow, EpochRecord? Last)
{
    public double Epochs => Math.Clamp(EpochsNow(), 0, Run.Training.Epochs);
}
