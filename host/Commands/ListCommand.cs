using System.CommandLine;
using KdMtlBench.Host.Components;
using KdMtlBench.Host.Options;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Sweeps.Checks;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl list strategies|benchmarks|models|training|ID</c>: what a sweep can name, with options, defaults and paper.</summary>
internal static class ListCommand
{
    private static readonly (StrategyRequirements Requirement, string Words)[] _words =
    [
        (StrategyRequirements.Teachers, "single-task teachers"),
        (StrategyRequirements.ValidationBatch, "a validation batch a step"),
        (StrategyRequirements.Representation, "a network with one shared representation"),
        (StrategyRequirements.TaskRepresentation, "a network with a representation of each task"),
        (StrategyRequirements.SharedSamples, "tasks that share their samples"),
        (StrategyRequirements.LastSharedLayer, "a last shared layer"),
        (StrategyRequirements.Features, "feature taps"),
        (StrategyRequirements.PositiveLosses, "positive losses"),
        (StrategyRequirements.OriginalLosses, "the first place in a list"),
    ];

    private static readonly string[] _kinds = ["strategies", "benchmarks", "models", Training];

    private const string Training = "training";

    public static Command Create()
    {
        var what = new Argument<string>("what") { Description = "strategies, benchmarks, models, training, or the id of one of them" };
        var command = new Command("list", "What a sweep can name, with every option, its default and the paper") { what, Application.Plugins };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?> { ["plugins"] = parse.GetValue(Application.Plugins) },
            (services, _) =>
            {
                List(services.GetRequiredService<IAnsiConsole>(), Application.PluginsOf(services), parse.GetRequiredValue(what));
                return 0;
            }));
        return command;
    }

    private static void List(IAnsiConsole console, PluginCatalog plugins, string what)
    {
        Catalog[] catalogs = [plugins.Strategies, plugins.Benchmarks, plugins.Models];
        var all = catalogs.SelectMany(catalog => catalog.Entries).ToList();
        if (what == Training)
            Options(console, typeof(TrainingOptions));
        else if (Array.IndexOf(_kinds, what) is var kind and >= 0)
            Show(console, [.. catalogs[kind].Entries], plugins.Benchmarks);
        else if (all.FindAll(entry => entry.Id == what) is { Count: > 0 } found)
            Show(console, found, plugins.Benchmarks);
        else
            throw new InputException($"nothing to list is called `{what}`, which is neither {string.Join(", ", _kinds)} nor the id of something"
                + Wording.Suggest(what, _kinds.Concat(all.Select(entry => entry.Id))));
    }

    private static void Show(IAnsiConsole console, IReadOnlyCollection<CatalogEntry> entries, Catalog benchmarks)
    {
        foreach (var entry in entries)
        {
            console.MarkupLineInterpolated($"[bold]{entry.Id}[/]  {entry.Title}");
            console.MarkupLineInterpolated($"    {entry.Paper}");
            if (entry.Strategy is { } strategy)
                console.MarkupLineInterpolated($"    {Words(strategy.Family)}, backward passes a step: {strategy.BackwardPasses}, requires {Words(Requirements(entry))}");
            if (entry.Type.IsAssignableTo(typeof(IModel)))
                console.MarkupLineInterpolated($"    fits {Fits(ModelFit.Of(entry, benchmarks))}");
            Options(console, entry.OptionsType);
            console.WriteLine();
        }

        if (entries.Any(entry => entry.Strategy is not null))
        {
            console.WriteLine("Every strategy also takes:");
            Options(console, typeof(HostOptions));
            console.MarkupLineInterpolated($"    and [bold]training[/], a mapping of training options that its own runs have in place of the sweep's (list training)");
        }

        if (entries.Any(entry => entry.Type.IsAssignableTo(typeof(IBenchmark))))
        {
            console.WriteLine("Every benchmark also takes:");
            Options(console, typeof(BenchmarkHostOptions));
        }
    }

    private static string Fits(IReadOnlyList<string>? benchmarks) => benchmarks switch
    {
        null => "what its options say",
        [] => "none of the benchmarks as they are by default",
        _ => string.Join(", ", benchmarks),
    };

    private static void Options(IAnsiConsole console, Type? record)
    {
        var options = OptionsBinder.Describe(record);
        if (options.Count > 0)
            console.Write(new Padder(Table(options), new Padding(4, 0, 0, 0)));
    }

    private static Table Table(IReadOnlyList<OptionDescription> options)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("option", "default", "type", "");
        foreach (var option in options)
            table.AddRow(
                Markup.Escape(option.Name),
                Markup.Escape(option.Default ?? "required"),
                Markup.Escape(string.Join(" ", option.Type, option.Allowed)),
                Markup.Escape(option.Description));
        return table;
    }

    /// <summary>What it needs with its default options; <c>null</c> where it cannot be made with these.</summary>
    private static StrategyRequirements? Requirements(CatalogEntry entry)
    {
        try
        {
            var options = entry.OptionsType is null ? null : Activator.CreateInstance(entry.OptionsType);
            return StrategyListRules.RequirementsOf((Strategy)entry.Create(options));
        }
#pragma warning disable CA1031 // an author's constructor may throw anything, and a list still lists the others
        catch
#pragma warning restore CA1031
        {
            return null;
        }
    }

    private static string Words(StrategyRequirements? requirements)
    {
        if (requirements is null)
            return "what its options say";
        var words = _words.Where(word => requirements.Value.HasFlag(word.Requirement)).Select(word => word.Words).ToList();
        return words.Count == 0 ? "nothing more" : string.Join(" and ", words);
    }

    private static string Words(StrategyFamily family) => family switch
    {
        StrategyFamily.LossWeighting => "loss weighting",
        StrategyFamily.Gradient => "gradients",
        _ => "distillation",
    };
}
