using System.Globalization;
using KdMtlBench.Host.Options;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps.Reading;

/// <summary>Reads how a sweep's rows are judged.</summary>
internal static class DecisionRuleReader
{
    public const string Reference = "reference";
    public const string Margin = "margin";

    private const double LargestMargin = 100;

    /// <param name="map">The sweep file.</param>
    /// <param name="mistakes">Where all that is wrong is noted.</param>
    public static DecisionRule Read(YamlMap map, Mistakes mistakes) => new(ReferenceIn(map, mistakes), MarginIn(map, mistakes));

    /// <summary>Notes a reference that the sweep has no row of.</summary>
    /// <param name="map">The sweep file.</param>
    /// <param name="rows">Labels of all rows.</param>
    /// <param name="mistakes">Where all that is wrong is noted.</param>
    public static void RequireRow(YamlMap map, IReadOnlyList<string> rows, Mistakes mistakes)
    {
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
