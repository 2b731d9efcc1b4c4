using System.Globalization;
using KdMtlBench.Host.Components;
using KdMtlBench.Host.Options;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps.Reading;

/// <summary>Reads the key <c>tune</c> of a sweep and draws the settings to try.</summary>
/// <remarks>What is drawn is put in the place of ranges and lists of values, and then read like any strategy of a sweep.
/// Draws follow from the composition's ids alone.</remarks>
/// <param name="strategies">What there is.</param>
/// <param name="components">Reads a composition once its options are single values.</param>
/// <param name="mistakes">Where all that is wrong is noted.</param>
internal sealed class TuneReader(Catalog strategies, ComponentReader components, Mistakes mistakes)
{
    private const string Scalarization = "static";
    private const string Random = "random";
    private const string Grid = "grid";
    private const int TriesPerTrial = 20;
    private static readonly string[] _required = ["budget", "space"];
    private static readonly string[] _keys = [.. _required, "method", "seeds"];

    /// <param name="entry">The key and its value.</param>
    /// <param name="seeds">Of the results.</param>
    /// <param name="tasks">Of the benchmark, for the weights of <c>static</c> where the file has no space for it.</param>
    public IReadOnlyList<TunedComposition> Read(YamlEntry entry, IReadOnlyList<int> seeds, int tasks)
    {
        if (entry.Value is not YamlMap map)
        {
            mistakes.Add(entry.Value.Place, $"`tune` is a mapping with the keys {string.Join(", ", _keys)}, not {entry.Value.Shown}");
            return [];
        }

        foreach (var (key, _) in map.Entries.Where(option => !_keys.Contains(option.Key.Text)))
            mistakes.Add(key.Place, Wording.Unknown($"key {Wording.Quote(key.Text)} of `tune`", key.Text, _keys));
        foreach (var missing in _required.Where(key => map.Find(key) is null))
            mistakes.Add(entry.Key.Place, $"the key `{missing}` of `tune` is missing");
        if (Budget(map) is not { } budget || Method(map) is not { } method || Space(map) is not { } space)
            return [];
        var ownSeeds = map.Find("seeds") is { } own ? SweepReader.Seeds(map, mistakes) : [.. seeds.Take(1).Select(_ => seeds.Max() + 1)];
        foreach (var seed in ownSeeds.Intersect(seeds))
            mistakes.Add(map.Find("seeds")!.Key.Place, $"the seed {seed} is one of the results' too; what is chosen must be run on fresh seeds");
        var read = space.Select(Composition).ToList();
        if (!read.Exists(composition => composition.Label == Scalarization))
            read.Add(WithoutOwnSpace(entry, method, tasks));
        foreach (var twice in read.GroupBy(composition => composition.Label).SelectMany(group => group.Skip(1)))
            mistakes.Add(twice.Place, $"`{twice.Label}` stands in `space` more than once");
        return [.. read.Select(composition => new TunedComposition(new Tuning(composition.Label, budget, method, ownSeeds), Trials(composition, budget, method), composition.Place))];
    }

    private int? Budget(YamlMap map)
    {
        if (map.Find("budget") is not { } entry)
            return null;
        if (entry.Value is YamlScalar scalar && int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var budget) && budget is >= 2 and <= Combinations.Limit)
            return budget;
        mistakes.Add(entry.Value.Place, $"`budget` of `tune` is a number of trials from 2 to {Combinations.Limit}, not {entry.Value.Shown}");
        return null;
    }

    private string? Method(YamlMap map)
    {
        if (map.Find("method") is not { } entry)
            return Random;
        if (entry.Value is YamlScalar { Text: Random or Grid } scalar)
            return scalar.Text;
        mistakes.Add(entry.Value.Place, $"`method` of `tune` is {Random} or {Grid}, not {entry.Value.Shown}");
        return null;
    }

    private IReadOnlyList<YamlValue>? Space(YamlMap map)
    {
        if (map.Find("space") is not { } entry)
            return null;
        if (entry.Value is YamlList { Items.Count: > 0 } list)
            return list.Items;
        mistakes.Add(entry.Value.Place, $"`space` of `tune` is a list of strategies with ranges or lists of values for their options, not {entry.Value.Shown}");
        return null;
    }

    /// <summary>Every tuned sweep compares with tuned scalarization.</summary>
    private TunableComposition WithoutOwnSpace(YamlEntry tune, string method, int tasks)
    {
        var place = tune.Key.Place;
        if (method == Grid)
            mistakes.Add(place, $"every tuned sweep has `{Scalarization}` in it; give its grid in `space`");
        var range = Map(("from", Text("0.1")), ("to", Text("10")), ("scale", Text("log")));
        return Composition(Map((Scalarization, Map(("weights", new YamlList(place, [.. Enumerable.Repeat(range, tasks)]))))));

        YamlScalar Text(string text) => new(place, text, Quoted: false);

        YamlMap Map(params (string Key, YamlValue Value)[] entries) => new(place, [.. entries.Select(entry => new YamlEntry(Text(entry.Key), entry.Value))]);
    }

    private TunableComposition Composition(YamlValue value) =>
        new(value.Place, [.. (value is YamlList list ? list.Items : [value]).Select(Part)]);

    private TunablePart Part(YamlValue value)
    {
        if (value is not YamlMap { Entries: [var (name, options)] })
            return new TunablePart(value, []);
        Option[] known = [.. strategies.Find(name.Text)?.OptionsType is { } record ? Option.All(record) : [], .. Option.All(typeof(HostOptions))];
        var entries = options is YamlMap map ? map.Entries : [];
        return new TunablePart(name, [.. entries.Select(entry => KnobOf(Array.Find(known, option => option.Key == entry.Key.Text), entry))]);
    }

    private Knob KnobOf(Option? option, YamlEntry entry)
    {
        var alternatives = option?.Alternatives(entry.Value) ?? [entry.Value];
        return alternatives is [var one] && Drawn(one) is { } draw ? new Knob(entry.Key, [], draw) : new Knob(entry.Key, alternatives, null);
    }

    /// <summary>How to draw a range, or a list that holds some; null where there is none.</summary>
    private Func<System.Random, YamlValue>? Drawn(YamlValue value)
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

    private Func<System.Random, YamlValue> Range(YamlMap map)
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

    private IReadOnlyList<IReadOnlyList<Component>> Trials(TunableComposition composition, int budget, string method)
    {
        var continuous = composition.Knobs.Any(knob => knob.Draw is not null);
        var settings = Combinations.Count(composition.Knobs.Select(knob => knob.Choices).Where(choices => choices.Count > 0));
        if (!continuous && settings == 1)
            mistakes.Add(composition.Place, $"`{composition.Label}` has nothing to tune here; a strategy that is not tuned stands under `strategies`");
        else if (method == Grid && continuous)
            mistakes.Add(composition.Place, $"`{composition.Label}` has a range, and a grid takes lists of values");
        else if (method == Grid ? settings != budget : !continuous && settings < budget)
            mistakes.Add(composition.Place, $"`{composition.Label}` has {settings} settings, and the budget is {budget}: every strategy is to have the same number of trials");
        else
            return Read(composition, continuous || settings > Combinations.Limit ? Draws(composition, budget) : Choices(composition, method), budget);
        return [];
    }

    /// <summary>All combinations of listed values; in random order unless for a grid.</summary>
    private static IReadOnlyList<YamlValue> Choices(TunableComposition composition, string method)
    {
        var all = Combinations.Of(composition.Knobs.Select(knob => knob.Choices)).Select(composition.With).ToArray();
        if (method == Random)
            Source(composition).Shuffle(all);
        return all;
    }

    private static IEnumerable<YamlValue> Draws(TunableComposition composition, int budget)
    {
        var random = Source(composition);
        for (var i = 0; i < budget * TriesPerTrial; i++)
            yield return composition.With([.. composition.Knobs.Select(knob => knob.Draw?.Invoke(random) ?? knob.Choices[random.Next(knob.Choices.Count)])]);
    }

    private static System.Random Source(TunableComposition composition) => Randomness.Source(0, "tune " + composition.Label);

    /// <summary>The first settings that differ, as many as the budget says.</summary>
    private IReadOnlyList<IReadOnlyList<Component>> Read(TunableComposition composition, IEnumerable<YamlValue> drawn, int budget)
    {
        var trials = new Dictionary<string, IReadOnlyList<Component>>(StringComparer.Ordinal);
        foreach (var value in drawn)
        {
            if (components.Compositions(new YamlList(composition.Place, [value])) is not [var read])
                return [];
            trials.TryAdd(string.Join(" + ", read.Value.Select(component => component.Label)), read.Value);
            if (trials.Count == budget)
                return [.. trials.Values];
        }

        mistakes.Add(composition.Place, $"the space of `{composition.Label}` is too narrow for {budget} settings of three digits");
        return [];
    }

    /// <summary>An option: one of several values, or drawn from a range.</summary>
    private sealed record Knob(YamlScalar Key, IReadOnlyList<YamlValue> Choices, Func<System.Random, YamlValue>? Draw);

    private sealed record TunablePart(YamlValue Name, IReadOnlyList<Knob> Knobs)
    {
        public YamlValue With(IEnumerable<YamlValue> values) => Name is not YamlScalar name || Knobs.Count == 0 ? Name : Map(
            name, new YamlMap(name.Place, [.. Knobs.Zip(values, (knob, value) => new YamlEntry(knob.Key, value))]));

        private static YamlMap Map(YamlScalar key, YamlValue value) => new(key.Place, [new YamlEntry(key, value)]);
    }

    private sealed record TunableComposition(Place Place, IReadOnlyList<TunablePart> Parts)
    {
        public string Label => string.Join(" + ", Parts.Select(part => (part.Name as YamlScalar)?.Text ?? "?"));

        public IEnumerable<Knob> Knobs => Parts.SelectMany(part => part.Knobs);

        /// <summary>The composition as it would stand in a file with these values.</summary>
        public YamlValue With(IReadOnlyList<YamlValue> values)
        {
            var left = new Queue<YamlValue>(values);
            return new YamlList(Place, [.. Parts.Select(part => part.With([.. part.Knobs.Select(_ => left.Dequeue())]))]);
        }
    }
}
