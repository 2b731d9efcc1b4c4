using System.ComponentModel.DataAnnotations;
using System.Reflection;
using KdMtlBench.Host.Components;
using KdMtlBench.Host.Options;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps.Checks;

/// <summary>On which benchmarks a model can be trained, both with their default options: a network is made for each.</summary>
/// <remarks>Width hardly ever decides whether a model fits, and at its smallest a network is made in a hundredth of the time. So that is tried first.</remarks>
internal static class ModelFit
{
    private const string Width = "Width";

    /// <summary>Ids of the benchmarks that fit, in their order; null where the model needs options to be made at all.</summary>
    public static IReadOnlyList<string>? Of(CatalogEntry model, Catalog benchmarks)
    {
        if (WithDefaults(model) is not { } published)
            return null;
        var narrow = Narrow(model) ?? published;
        return [.. benchmarks.Entries.Where(benchmark => Fits(narrow, benchmark) || Fits(published, benchmark)).Select(benchmark => benchmark.Id)];
    }

    private static Component? Narrow(CatalogEntry model)
    {
        var place = new Place(1, 1);
        return model.OptionsType?.GetProperty(Width)?.GetCustomAttribute<RangeAttribute>() is { } range
            ? WithDefaults(model, new YamlMap(place, [new YamlEntry(Scalar(Wording.Kebab(Width)), Scalar(ScalarType.Text(range.Minimum)))]))
            : null;

        YamlScalar Scalar(string text) => new(place, text, Quoted: false);
    }

    private static bool Fits(Component model, CatalogEntry benchmark)
    {
        if (WithDefaults(benchmark) is not { } component)
            return false;
        try
        {
            Trial.Model(model, component.CreateBenchmark(), seed: 1);
            return true;
        }
#pragma warning disable CA1031 // an author's code may throw anything, and a list still lists the others
        catch
#pragma warning restore CA1031
        {
            return false;
        }
    }

    private static Component? WithDefaults(CatalogEntry entry, YamlMap? but = null)
    {
        var binder = new OptionsBinder(new Mistakes(entry.Id), []);
        return binder.Bind(entry.Id, entry.OptionsType, but, new Place(1, 1)) is { } bound
            ? new Component(entry, bound.Options, bound.Label, bound.Settings)
            : null;
    }
}
