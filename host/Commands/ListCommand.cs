using System.CommandLine;
using KdMtlBench.Host.Options;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl list strategies|benchmarks|models</c>: what a sweep can name, with options, defaults and paper.</summary>
internal static class ListCommand
{
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
                console.MarkupLineInterpolated($"    {Words(strategy.Family)}, backward passes a step: {strategy.BackwardPasses}");
            var options = OptionsBinder.Describe(entry.OptionsType);
            if (options.Count > 0)
                console.Write(new Padder(Table(options), new Padding(4, 0, 0, 0)));
            console.WriteLine();
        }
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

    private static string Words(Contracts.StrategyFamily family) => family switch
    {
        Contracts.StrategyFamily.LossWeighting => "loss weighting",
        Contracts.StrategyFamily.Gradient => "gradients",
        _ => "distillation",
    };
}
