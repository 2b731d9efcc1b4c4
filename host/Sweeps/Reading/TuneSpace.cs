using KdMtlBench.Host.Options;

namespace KdMtlBench.Host.Sweeps.Reading;

/// <summary>A composition, or the single-task runs, with the values that are to be tried of their options.</summary>
internal sealed record TuneSpace(Place Place, IReadOnlyList<TuneSpace.Part> Parts)
{
    /// <summary>The ids.</summary>
    public string Label => string.Join(" + ", Parts.Select(part => (part.Name as YamlScalar)?.Text ?? "?"));

    public IEnumerable<Knob> Knobs => Parts.SelectMany(part => part.Knobs);

    /// <summary>As it would stand in a file with these values.</summary>
    /// <param name="values">Of all knobs, in order.</param>
    public YamlList With(IReadOnlyList<YamlValue> values)
    {
        var left = new Queue<YamlValue>(values);
        return new YamlList(Place, [.. Parts.Select(part => part.With([.. part.Knobs.Select(_ => left.Dequeue())]))]);
    }

    /// <summary>An option: one of several values, or drawn from a range.</summary>
    /// <param name="Outer">The key of the mapping that it stands in, where that is not the strategy's own.</param>
    /// <param name="Key">Of the option.</param>
    /// <param name="Choices">Empty where it is drawn.</param>
    /// <param name="Draw">Null where it is chosen.</param>
    public sealed record Knob(YamlScalar? Outer, YamlScalar Key, IReadOnlyList<YamlValue> Choices, Func<Random, YamlValue>? Draw);

    /// <summary>One strategy of the composition.</summary>
    public sealed record Part(YamlValue Name, IReadOnlyList<Knob> Knobs)
    {
        public YamlValue With(IReadOnlyList<YamlValue> values)
        {
            if (Name is not YamlScalar name || Knobs.Count == 0)
                return Name;
            var entries = Knobs.Zip(values, (knob, value) => (knob.Outer, Entry: new YamlEntry(knob.Key, value))).ToList();
            var inner = entries.Where(entry => entry.Outer is not null).GroupBy(entry => entry.Outer!, entry => entry.Entry)
                .Select(group => new YamlEntry(group.Key, new YamlMap(group.Key.Place, [.. group])));
            var options = new YamlMap(name.Place, [.. entries.Where(entry => entry.Outer is null).Select(entry => entry.Entry), .. inner]);
            return new YamlMap(name.Place, [new YamlEntry(name, options)]);
        }
    }
}
