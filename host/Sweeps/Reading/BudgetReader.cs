using System.Globalization;
using KdMtlBench.Host.Options;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps.Reading;

/// <summary>Reads <c>budget: {backward-passes: 3}</c>: rows that make one backward pass a step are also trained with as many passes as others make.</summary>
/// <remarks>A gradient method with K backward passes a step costs about K times a step of the sum of losses. At equal steps the sum of losses
/// has had a K-th of its compute; the longer rows say what the same compute is worth without the method. A budget of seconds is not offered: what
/// would be trained would depend on the machine, and on what else runs on it.</remarks>
internal static class BudgetReader
{
    public const string Key = "budget";

    private const string Passes = "backward-passes";
    private const int MostPasses = 1000;
    private static readonly string[] _weightings = ["uniform", "static"];

    /// <summary>The sweep's strategies with the longer rows that the budget asks for behind them.</summary>
    /// <param name="map">The sweep file.</param>
    /// <param name="epochs">Of the sweep's training.</param>
    /// <param name="mistakes">Where all that is wrong is noted.</param>
    /// <returns>Null where the file names no strategies.</returns>
    public static YamlValue? Strategies(YamlMap map, int epochs, Mistakes mistakes)
    {
        var strategies = map.Find("strategies")?.Value;
        if (map.Find(Key) is not { } budget || Number(budget, mistakes) is not { } passes || strategies is not YamlList list)
            return strategies;
        var longer = list.Items.Where(item => _weightings.Contains(IdOf(item))).Select(item => Longer(item, passes * epochs)).OfType<YamlValue>().ToList();
        if (longer.Count == 0)
            mistakes.Add(budget.Key.Place, $"a budget needs a row of {string.Join(" or ", _weightings.Select(id => $"`{id}`"))} among the strategies, with the sweep's own training");
        return list with { Items = [.. list.Items, .. longer] };
    }

    private static int? Number(YamlEntry budget, Mistakes mistakes)
    {
        if (budget.Value is YamlMap { Entries: [{ Key.Text: Passes, Value: YamlScalar number }] }
            && int.TryParse(number.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var passes) && passes is > 1 and <= MostPasses)
            return passes;
        mistakes.Add(budget.Key.Place, $"`{Key}` is {{{Passes}: N}}, N from 2 to {MostPasses}: the backward passes that a step of the dearest method makes, usually one a task");
        return null;
    }

    private static string? IdOf(YamlValue item) => item switch
    {
        YamlScalar scalar => scalar.Text,
        YamlMap { Entries: [var entry] } => entry.Key.Text,
        _ => null,
    };

    /// <summary>The same with so many epochs; null where it has training options of its own.</summary>
    private static YamlMap? Longer(YamlValue item, int epochs)
    {
        var options = item is YamlMap { Entries: [{ Value: YamlMap given }] } ? given : new YamlMap(item.Place, []);
        if (options.Find(ComponentReader.TrainingKey) is not null)
            return null;
        var training = new YamlMap(item.Place, [Entry(nameof(TrainingOptions.Epochs).ToLowerInvariant(), Scalar(epochs.ToString(CultureInfo.InvariantCulture)))]);
        return new YamlMap(item.Place, [Entry(IdOf(item)!, options with { Entries = [.. options.Entries, Entry(ComponentReader.TrainingKey, training)] })]);

        YamlScalar Scalar(string text) => new(item.Place, text, Quoted: false);

        YamlEntry Entry(string key, YamlValue value) => new(Scalar(key), value);
    }
}
