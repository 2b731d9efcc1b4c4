using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Storage.Sharing;

/// <summary>How far a sweep has come, from its output folder alone.</summary>
/// <param name="Runs">Of the sweep; null where that is not known yet.</param>
/// <param name="Records">Of the runs that are over.</param>
/// <param name="There">Who is at it.</param>
/// <param name="Silent">Who has ended or stands still without having left.</param>
/// <param name="Command">What goes on from here; null where the sweep has come to its end.</param>
internal sealed record SweepStatus(int? Runs, IReadOnlyList<RunRecord> Records, IReadOnlyList<SignOfLife> There, IReadOnlyList<Holder> Silent, string? Command)
{
    public static SweepStatus Of(string output, TimeSpan silence)
    {
        var records = new RunStore(output).ReadAll().Records;
        var claims = new ClaimFolder(output, silence);
        var signs = claims.Signs().ToLookup(sign => claims.IsDead(sign.Holder.Token));
        var mark = UnfinishedMark.Read(output);
        return new SweepStatus(mark is null ? records.Count : mark.Runs, records, [.. signs[false]], [.. signs[true].Select(sign => sign.Holder)], mark?.Command);
    }

    public IEnumerable<RunAtWork> UnderWay => There.SelectMany(sign => sign.UnderWay);

    /// <summary>Time to the end, where as many runs are made at once as now and take as long as those of their kind; null where nothing says.</summary>
    public TimeSpan? Left
    {
        get
        {
            var seconds = Records.Where(record => record.Status == RunStatus.Done).Select(record => record.Cost.TrainSeconds).DefaultIfEmpty().Average();
            var atOnce = UnderWay.Count();
            if (Runs is not { } runs || atOnce == 0 || seconds == 0)
                return null;
            var left = runs - Records.Count - UnderWay.Sum(run => run.Epochs / run.OfEpochs);
            return TimeSpan.FromSeconds(Math.Max(0, left) * seconds / atOnce);
        }
    }
}
