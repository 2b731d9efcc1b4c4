using KdMtlBench.Host.Components;
using KdMtlBench.Host.Options;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps.Reading;

/// <summary>Reads what a sweep names by id: <c>dwa</c>, <c>dwa: {temperature: 1}</c>.</summary>
/// <param name="catalog">What there is.</param>
/// <param name="binder">Fills the options.</param>
/// <param name="mistakes">Where all that is wrong is noted.</param>
/// <param name="training">Strategies only: the sweep's training options, which a strategy may change for its own runs.</param>
internal sealed class ComponentReader(Catalog catalog, OptionsBinder binder, Mistakes mistakes, TrainingOptions? training = null)
{
    /// <summary>The key of a strategy's training options among its own.</summary>
    public const string TrainingKey = "training";

    /// <summary>One id or a list of them; each with every combination of the options' values.</summary>
    public IReadOnlyList<Placed<Component>> List(YamlValue value)
    {
        var items = value is YamlList list ? list.Items : [value];
        if (items.Count == 0)
            mistakes.Add(value.Place, $"an empty list; name at least one {catalog.Kind}");
        var components = items.SelectMany(item => One(item).Select(component => new Placed<Component>(component, item.Place))).ToList();
        RefuseDuplicates(components, component => component.Label);
        return components;
    }

    /// <summary>Lists of strategies: each item is one id or a list of ids, applied in order.</summary>
    public IReadOnlyList<Placed<IReadOnlyList<Component>>> Compositions(YamlValue value)
    {
        if (value is not YamlList { Items.Count: > 0 } list)
        {
            mistakes.Add(value.Place, $"`strategies` is a list with at least one {catalog.Kind}, not {value.Shown}");
            return [];
        }
        var compositions = list.Items.SelectMany(item => Composition(item).Select(parts => new Placed<IReadOnlyList<Component>>(parts, item.Place))).ToList();
        RefuseDuplicates(compositions, parts => string.Join(" + ", parts.Select(part => part.Label)));
        foreach (var (parts, place) in compositions)
            Check(parts, place);
        return compositions;
    }

    /// <summary>Notes what a list cannot mean, or that one of its strategies cannot be made.</summary>
    private void Check(IReadOnlyList<Component> parts, Place place)
    {
        foreach (var part in parts)
        {
            try
            {
                _ = part.Strategy;
            }
#pragma warning disable CA1031 // a plugin's constructor may throw anything
            catch (Exception e)
#pragma warning restore CA1031
            {
                mistakes.Add(place, $"the strategy `{part.Label}` cannot be made: its constructor threw {e.GetType().Name}: {e.Message}");
                return;
            }
        }

        foreach (var fault in StrategyListRules.Faults(parts))
            mistakes.Add(place, $"[{string.Join(", ", parts.Select(part => part.Entry.Id))}]: {fault}");
    }

    private void RefuseDuplicates<T>(IEnumerable<Placed<T>> items, Func<T, string> label)
    {
        foreach (var group in items.GroupBy(item => label(item.Value)))
            foreach (var again in group.Skip(1))
                mistakes.Add(again.Place, $"`{group.Key}` stands here again with the same settings; the first is in line {group.First().Place.Line}");
    }

    private IEnumerable<IReadOnlyList<Component>> Composition(YamlValue value)
    {
        if (value is not YamlList list)
            return One(value).Select(component => (IReadOnlyList<Component>)[component]);
        if (list.Items.Count == 0)
            mistakes.Add(list.Place, $"an empty composition; name at least one {catalog.Kind}");
        var parts = list.Items.Select(One).ToList();
        foreach (var twice in parts.Where(part => part.Count > 0).GroupBy(part => part[0].Entry.Id).Where(group => group.Count() > 1))
            mistakes.Add(list.Place, $"`{twice.Key}` stands more than once in one composition; each {catalog.Kind} may stand once");
        if (parts.Count(part => part.Count > 0 && part[0].Training is not null) > 1)
            mistakes.Add(list.Place, $"`{TrainingKey}` stands at more than one {catalog.Kind} of this composition; it is one run, trained in one way");
        if (Combinations.Count(parts) <= Combinations.Limit)
            return list.Items.Count == 0 ? [] : Combinations.Of(parts);
        mistakes.Add(list.Place, $"this composition makes more than {Combinations.Limit} combinations; list fewer values");
        return [];
    }

    private IReadOnlyList<Component> One(YamlValue value)
    {
        var (name, options) = value switch
        {
            YamlScalar scalar => (scalar, null),
            YamlMap { Entries: [var entry] } => (entry.Key, entry.Value),
            _ => ((YamlScalar?)null, (YamlValue?)null),
        };
        if (name is null or { IsNull: true })
        {
            mistakes.Add(value.Place, value is YamlMap { Entries.Count: > 1 } map
                ? $"{string.Join(" and ", map.Entries.Select(entry => Wording.Quote(entry.Key.Text)))} stand side by side; a {catalog.Kind} is one id, its options indented below it"
                : $"a {catalog.Kind} is an id, with options as in {{id: {{option: value}}}}, not {value.Shown}");
            return [];
        }
        if (catalog.Find(name.Text) is not { } found)
        {
            mistakes.Add(name.Place, Wording.Unknown($"{catalog.Kind} {Wording.Quote(name.Text)}", name.Text, [.. catalog.Entries.Select(entry => entry.Id)]));
            return [];
        }
        var own = training is null ? null : (options as YamlMap)?.Find(TrainingKey);
        var without = own is null ? options : ((YamlMap)options!).Without(own);
        var variants = binder.BindEach(found.Id, found.OptionsType, without, name.Place, CommonOptions(), training is null ? [] : [TrainingKey]);
        BoundOptions?[] trainings = own is null ? [null] : [.. binder.BindOver(TrainingKey, training!, own.Value, own.Key.Place, expand: true)];
        return [.. from bound in variants from trained in trainings select Bound(found, bound, trained, name.Place)];
    }

    private Component Bound(CatalogEntry found, BoundOptions bound, BoundOptions? trained, Place place) =>
        new(found, bound.Options, trained is null ? bound.Label : bound.LabelWith(found.Id, TrainingKey, trained), bound.Settings)
        {
            Origin = mistakes.Locate(place, ""),
            HostOptions = bound.Common as HostOptions ?? new HostOptions(),
            Training = trained,
            BenchmarkHostOptions = bound.Common as BenchmarkHostOptions ?? new BenchmarkHostOptions(),
            AllTasksLabel = bound.LabelWithout(found.Id, Component.TasksKey),
        };

    private Type? CommonOptions() =>
        catalog.Kind == ComponentKind.Strategy.Name ? typeof(HostOptions)
        : catalog.Kind == ComponentKind.Benchmark.Name ? typeof(BenchmarkHostOptions)
        : null;
}
