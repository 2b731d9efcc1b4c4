using System.Globalization;
using KdMtlBench.Host.Options;
using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps.Reading;

/// <summary>Reads how a sweep's rows are judged.</summary>
internal static class DecisionRuleReader
{
    public const string Reference = "reference";
    public const string Margin = "margin";

    private const string Seeds = "seeds";
    private const string From = "from";
    private const string To = "to";
    private const double LargestMargin = 100;
    private const int FewestInRounds = 3;
    private const int MostInRounds = 100;

    /// <param name="map">The sweep file.</param>
    /// <param name="mistakes">Where all that is wrong is noted.</param>
    public static DecisionRule Read(YamlMap map, Mistakes mistakes)
    {
        if (map.Find(Seeds)?.Value is not YamlMap inRounds)
            return new DecisionRule(ReferenceIn(map, mistakes), MarginIn(map, mistakes));
        if (map.Find(Margin) is { } outer && inRounds.Find(Margin) is not null)
            mistakes.Add(outer.Key.Place, $"the margin stands in `{Seeds}` already");
        var reference = ReferenceIn(map, mistakes);
        if (reference == Leaderboard.SingleTask)
            mistakes.Add(map.Find(Reference)!.Value.Place, "where seeds come in rounds, single-task networks are made for the first round only and cannot be the reference");
        return new DecisionRule(reference, MarginIn(inRounds.Find(Margin) is null ? map : inRounds, mistakes), Rounds(inRounds, mistakes));
    }

    private static SeedRounds Rounds(YamlMap seeds, Mistakes mistakes)
    {
        foreach (var (key, _) in seeds.Entries.Where(entry => entry.Key.Text is not (From or To or Margin)))
            mistakes.Add(key.Place, Wording.Unknown($"key {Wording.Quote(key.Text)} of `{Seeds}`", key.Text, [From, To, Margin]));
        var (from, to) = (Number(From), Number(To));
        if (from > to)
            mistakes.Add(seeds.Find(To)!.Value.Place, $"`{To}` is {to}, and the first round has {from} seeds already");
        return new SeedRounds(from ?? FewestInRounds, to ?? FewestInRounds);

        int? Number(string key)
        {
            var value = seeds.Find(key)?.Value;
            if (value is YamlScalar scalar && int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= FewestInRounds and <= MostInRounds)
                return number;
            mistakes.Add(value?.Place ?? seeds.Place, $"`{key}` of `{Seeds}` is a number of seeds from {FewestInRounds} to {MostInRounds}{(value is null ? "" : $", not {value.Shown}")}; "
                + $"as in {Seeds}: {{{From}: 5, {To}: 30, {Margin}: 0.3}}");
            return null;
        }
    }

    /// <summary>Notes a reference that the sweep has no row of.</summary>
    /// <param name="map">The sweep file.</param>
    /// <param name="rows">Labels of all rows.</param>
    /// <param name="mistakes">Where all that is wrong is noted.</param>
    public static void RequireRow(YamlMap map, IReadOnlyList<string> rows, Mistakes mistakes)
    {
        if (map.Find(Reference) is null && map.Find(Seeds)?.Value is YamlMap inRounds && !rows.Contains(DecisionRule.Default.Reference))
            mistakes.Add(inRounds.Place, $"seeds in rounds need a row to compare with: name it (`{Reference}:`), or take `{DecisionRule.Default.Reference}` among the strategies");
        if (map.Find(Reference)?.Value is YamlScalar { IsNull: false } name && !rows.Contains(name.Text))
            mistakes.Add(name.Place, $"the reference is a row of this sweep, and there is no {Wording.Quote(name.Text)} (rows: {string.Join(", ", rows)}){Wording.Suggest(name.Text, rows)}");
    }

    private static string ReferenceIn(YamlMap map, Mistakes mistakes)
    {
        switch (map.Find(Reference)?.Value)
        {
            case null:
                return DecisionRule.Default.Reference;
            case YamlScalar { IsNull: false } name:
                return name.Text;
            case var value:
                mistakes.Add(value.Place, $"`{Reference}` is the label of a row, as the leaderboard has it: uniform, or dwa(temperature=1), not {value.Shown}");
                return DecisionRule.Default.Reference;
        }
    }

    private static double MarginIn(YamlMap map, Mistakes mistakes)
    {
        if (map.Find(Margin)?.Value is not { } value)
            return DecisionRule.Default.Margin;
        if (value is YamlScalar scalar && double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var margin) && margin is > 0 and <= LargestMargin)
            return margin;
        mistakes.Add(value.Place, $"`{Margin}` is a number of points of Δ task above 0, at most {LargestMargin}, not {value.Shown}");
        return DecisionRule.Default.Margin;
    }
}
