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
/// <param name="training">The sweep's training options.</param>
/// <param name="mistakes">Where all that is wrong is noted.</param>
internal sealed class TuneReader(Catalog strategies, ComponentReader components, TrainingOptions training, Mistakes mistakes)
{
    private const string Scalarization = "static";
    private const string Random = "random";
    private const string Grid = "grid";
    private const int TriesPerTrial = 20;
    private static readonly string[] _required = ["budget", "space"];
    private static readonly string[] _keys = [.. _required, "method", "seeds", SweepReader.SingleTask];
    private readonly TuneSpaceReader _spaces = new(strategies, mistakes);

    /// <param name="entry">The key and its value.</param>
    /// <param name="seeds">Of the results.</param>
    /// <param name="tasks">Of the benchmark, for the weights of <c>static</c> where the file has no space for it.</param>
    public TuneSettings Read(YamlEntry entry, IReadOnlyList<int> seeds, int tasks)
    {
        if (entry.Value is not YamlMap map)
        {
            mistakes.Add(entry.Value.Place, $"`tune` is a mapping with the keys {string.Join(", ", _keys)}, not {entry.Value.Shown}");
            return TuneSettings.None;
        }

        foreach (var (key, _) in map.Entries.Where(option => !_keys.Contains(option.Key.Text)))
            mistakes.Add(key.Place, Wording.Unknown($"key {Wording.Quote(key.Text)} of `tune`", key.Text, _keys));
        foreach (var missing in _required.Where(key => map.Find(key) is null))
            mistakes.Add(entry.Key.Place, $"the key `{missing}` of `tune` is missing");
        if (Budget(map) is not { } budget || Method(map) is not { } method || Space(map) is not { } space)
            return TuneSettings.None;
        var ownSeeds = map.Find("seeds") is { } own ? SweepReader.Seeds(map, mistakes) : [.. seeds.Take(1).Select(_ => seeds.Max() + 1)];
        foreach (var seed in ownSeeds.Intersect(seeds))
            mistakes.Add(map.Find("seeds")!.Key.Place, $"the seed {seed} is one of the results' too; what is chosen must be run on fresh seeds");
        var read = space.Select(_spaces.Composition).ToList();
        if (!read.Exists(composition => composition.Label == Scalarization))
            read.Add(WithoutOwnSpace(entry, method, tasks));
        foreach (var twice in read.GroupBy(composition => composition.Label).SelectMany(group => group.Skip(1)))
            mistakes.Add(twice.Place, $"`{twice.Label}` stands in `space` more than once");
        return new TuneSettings(
            [.. read.Select(composition => Tried(composition, OneComposition))],
            map.Find(SweepReader.SingleTask) is { } single ? Tried(_spaces.Training(single), value => SingleTraining(value, single.Key)) : null);

        TuneTrials<T> Tried<T>(TuneSpace what, Func<YamlList, (string Label, T Value)?> bind) =>
            new(new Tuning(what.Label, budget, method, ownSeeds), Trials(what, budget, method, bind), what.Place);
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
    private TuneSpace WithoutOwnSpace(YamlEntry tune, string method, int tasks)
    {
        var place = tune.Key.Place;
        if (method == Grid)
            mistakes.Add(place, $"every tuned sweep has `{Scalarization}` in it; give its grid in `space`");
        var range = Map(("from", Text("0.1")), ("to", Text("10")), ("scale", Text("log")));
        return _spaces.Composition(Map((Scalarization, Map(("weights", new YamlList(place, [.. Enumerable.Repeat(range, tasks)]))))));

        YamlScalar Text(string text) => new(place, text, Quoted: false);

        YamlMap Map(params (string Key, YamlValue Value)[] entries) => new(place, [.. entries.Select(entry => new YamlEntry(Text(entry.Key), entry.Value))]);
    }

    private IReadOnlyList<T> Trials<T>(TuneSpace space, int budget, string method, Func<YamlList, (string Label, T Value)?> bind)
    {
        var continuous = space.Knobs.Any(knob => knob.Draw is not null);
        var settings = Combinations.Count(space.Knobs.Select(knob => knob.Choices).Where(choices => choices.Count > 0));
        if (!continuous && settings == 1)
            mistakes.Add(space.Place, $"`{space.Label}` has nothing to tune here; {(space.Label == SweepReader.SingleTask ? "training options that are not tuned stand" : "a strategy that is not tuned stands")} "
                + $"under `{(space.Label == SweepReader.SingleTask ? SweepReader.SingleTask : "strategies")}` of the sweep");
        else if (method == Grid && continuous)
            mistakes.Add(space.Place, $"`{space.Label}` has a range, and a grid takes lists of values");
        else if (method == Grid ? settings != budget : !continuous && settings < budget)
            mistakes.Add(space.Place, $"`{space.Label}` has {settings} settings, and the budget is {budget}: every strategy is to have the same number of trials");
        else
            return Read(space, continuous || settings > Combinations.Limit ? Draws(space, budget) : Choices(space, method), budget, bind);
        return [];
    }

    /// <summary>All combinations of listed values; in random order unless for a grid.</summary>
    private static IReadOnlyList<YamlList> Choices(TuneSpace space, string method)
    {
        var all = Combinations.Of(space.Knobs.Select(knob => knob.Choices)).Select(space.With).ToArray();
        if (method == Random)
            Source(space).Shuffle(all);
        return all;
    }

    private static IEnumerable<YamlList> Draws(TuneSpace space, int budget)
    {
        var random = Source(space);
        for (var i = 0; i < budget * TriesPerTrial; i++)
            yield return space.With([.. space.Knobs.Select(knob => knob.Draw?.Invoke(random) ?? knob.Choices[random.Next(knob.Choices.Count)])]);
    }

    private static System.Random Source(TuneSpace space) => Randomness.Source(0, "tune " + space.Label);

    /// <summary>The first settings that differ, as many as the budget says.</summary>
    private IReadOnlyList<T> Read<T>(TuneSpace space, IEnumerable<YamlList> drawn, int budget, Func<YamlList, (string Label, T Value)?> bind)
    {
        var trials = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var values in drawn)
        {
            if (bind(values) is not var (label, value))
                return [];
            trials.TryAdd(label, value);
            if (trials.Count == budget)
                return [.. trials.Values];
        }

        mistakes.Add(space.Place, $"the space of `{space.Label}` is too narrow for {budget} settings of three digits");
        return [];
    }

    /// <summary>A composition as a strategy of the sweep; null where it cannot be one, which has been noted.</summary>
    private (string Label, IReadOnlyList<Component> Value)? OneComposition(YamlList values)
    {
        if (components.Compositions(new YamlList(values.Place, [values])) is not [var read])
            return null;
        return (string.Join(" + ", read.Value.Select(component => component.Label)), read.Value);
    }

    private (string Label, BoundOptions Value)? SingleTraining(YamlList values, YamlScalar key)
    {
        var options = (values.Items[0] as YamlMap)?.Entries[0].Value ?? values.Items[0];
        var binder = new OptionsBinder(mistakes, []);
        return binder.BindOver(SweepReader.SingleTask, training, options, key.Place, expand: false) is [var bound] ? (bound.Label, bound) : null;
    }
}
