using System.CommandLine;
using KdMtlBench.Contracts;
using KdMtlBench.Host.Options;
using KdMtlBench.Host.Sweeps;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl list strategies|benchmarks|models</c>: what a sweep can name, with options, defaults and paper.</summary>
internal static class ListCommand
{
    private static readonly (StrategyRequirements Requirement, string Words)[] _words =
    [
        (StrategyRequirements.Teachers, "single-task teachers"),
        (StrategyRequirements.ValidationBatch, "a validation batch a step"),
        (StrategyRequirements.Representation, "a network with one shared representation"),
        (StrategyRequirements.SharedSamples, "tasks that share their samples"),
        (StrategyRequirements.LastSharedLayer, "a last shared layer"),
        (StrategyRequirements.Features, "feature taps"),
        (StrategyRequirements.PositiveLosses, "positive losses"),
        (StrategyRequirements.OriginalLosses, "the first place in a list"),
    ];

    public static Command Create()
    {
        var what = new Argument<string>("what") { Description = "strategies, benchmarks or models" };
        what.AcceptOnlyFromAmong("strategies", "benchmarks", "models");
        var command = new Command("list", "What a sweep can name, with every option, its default and the paper") { what, Application.Plugins };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?> { ["plugins"] = parse.GetValue(Application.Plugins) },
            (services, _) =>
            {
                var plugins = Application.PluginsOf(services);
                List(services.GetRequiredService<IAnsiConsole>(), parse.GetRequiredValue(what) switch
                {
                    "strategies" => plugins.Strategies,
                    "benchmarks" => plugins.Benchmarks,
                    _ => plugins.Models,
                });
                return 0;
            }));
        return command;
    }

    private static void List(IAnsiConsole console, Catalog catalog)
    {
        foreach (var entry in catalog.Entries)
        {
            console.MarkupLineInterpolated($"[bold]{entry.Id}[/]  {entry.Title}");
            console.MarkupLineInterpolated($"    {entry.Paper}");
            if (entry.Strategy is { } strategy)
                console.MarkupLineInterpolated($"    {Words(strategy.Family)}, backward passes a step: {strategy.BackwardPasses}, requires {Words(Requirements(entry))}");
            var options = OptionsBinder.Describe(entry.OptionsType);
            if (options.Count > 0)
                console.Write(new Padder(Table(options), new Padding(4, 0, 0, 0)));
            console.WriteLine();
        }

        if (catalog.Kind != ComponentKind.Strategy.Name)
            return;
        console.WriteLine("Every strategy also takes:");
        console.Write(new Padder(Table(OptionsBinder.Describe(typeof(HostOptions))), new Padding(4, 0, 0, 0)));
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
