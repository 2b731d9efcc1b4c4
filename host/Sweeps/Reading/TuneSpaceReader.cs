using System.Globalization;
using KdMtlBench.Host.Components;
using KdMtlBench.Host.Options;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps.Reading;

/// <summary>Finds the options of a space that are to be chosen or drawn.</summary>
/// <param name="strategies">What there is.</param>
/// <param name="mistakes">Where all that is wrong is noted.</param>
internal sealed class TuneSpaceReader(Catalog strategies, Mistakes mistakes)
{
    /// <summary>One strategy or a list of them, each with ranges or lists of values for its options.</summary>
    public TuneSpace Composition(YamlValue value) => new(value.Place, [.. (value is YamlList list ? list.Items : [value]).Select(Strategy)]);

    /// <summary>Training options alone.</summary>
    public TuneSpace Training(YamlEntry entry) => new(entry.Key.Place, [new TuneSpace.Part(entry.Key, TrainingKnobs(null, entry.Value))]);

    private TuneSpace.Part Strategy(YamlValue value)
    {
        if (value is not YamlMap { Entries: [var (name, options)] })
            return new TuneSpace.Part(value, []);
        Option[] known = [.. strategies.Find(name.Text)?.OptionsType is { } record ? Option.All(record) : [], .. Option.All(typeof(HostOptions))];
        var entries = options is YamlMap map ? map.Entries : [];
        return new TuneSpace.Part(name, [.. entries.SelectMany(entry => entry.Key.Text == ComponentReader.TrainingKey
            ? TrainingKnobs(entry.Key, entry.Value)
            : [KnobOf(known, null, entry)])]);
    }

    private IReadOnlyList<TuneSpace.Knob> TrainingKnobs(YamlScalar? outer, YamlValue value)
    {
        var known = Option.All(typeof(TrainingOptions));
        return value is YamlMap map ? [.. map.Entries.Select(entry => KnobOf(known, outer, entry))] : [];
    }

    private TuneSpace.Knob KnobOf(IReadOnlyList<Option> known, YamlScalar? outer, YamlEntry entry)
    {
        var alternatives = known.FirstOrDefault(option => option.Key == entry.Key.Text)?.Alternatives(entry.Value) ?? [entry.Value];
        return alternatives is [var one] && Drawn(one) is { } draw
            ? new TuneSpace.Knob(outer, entry.Key, [], draw)
            : new TuneSpace.Knob(outer, entry.Key, alternatives, null);
    }

    /// <summary>How to draw a range, or a list that holds some; null where there is none.</summary>
    private Func<Random, YamlValue>? Drawn(YamlValue value)
    {
        switch (value)
        {
            case YamlMap map:
                return Range(map);
            case YamlList list when list.Items.Any(item => item is YamlMap):
                var items = list.Items.Select(item => Drawn(item) ?? (_ => item)).ToList();
                return random => list with { Items = [.. items.Select(item => item(random))] };
            default:
                return null;
        }
    }

    private Func<Random, YamlValue> Range(YamlMap map)
    {
        var logarithmic = (map.Find("scale")?.Value as YamlScalar)?.Text;
        var odd = map.Entries.Any(entry => entry.Key.Text is not ("from" or "to" or "scale"));
        if (odd || Number("from") is not { } from || Number("to") is not { } to || from >= to || logarithmic is not (null or "log" or "linear") || (logarithmic == "log" && from <= 0))
        {
            mistakes.Add(map.Place, "a range is {from: number, to: larger number}, with `scale: log` where both are positive and to be drawn by their logarithm");
            return _ => map;
        }

        return random =>
        {
            var share = random.NextDouble();
            var drawn = logarithmic == "log" ? from * Math.Pow(to / from, share) : from + share * (to - from);
            return new YamlScalar(map.Place, Math.Clamp(ThreeDigits(drawn), from, to).ToString("R", CultureInfo.InvariantCulture), Quoted: false);
        };

        double? Number(string key) =>
            map.Find(key)?.Value is YamlScalar scalar && double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
    }

    private static double ThreeDigits(double value) => double.Parse(value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
