using System.CommandLine;
using KdMtlBench.Host.Reports;
using KdMtlBench.Host.Results.Comparisons;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl compare A B …</c>: strategies across sweeps.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var sweeps = new Argument<string[]>("sweeps") { Description = "Sweeps, as results/*, or folders of runs", Arity = ArgumentArity.OneOrMore };
        var reference = new Option<string?>("--reference") { Description = "The strategy that all others are compared with first (default: the one that all sweeps name, or uniform)" };
        var strategies = new Option<string?>("--strategies") { Description = "Only these and the reference, as pcgrad,mgda" };
        var output = new Option<string>("--output") { Description = "Folder of compare.html, compare.md, compare.csv and figures/", DefaultValueFactory = _ => "compare" };
        var command = new Command("compare", "Compare strategies across sweeps, from your runs or, before there are any, from the references") { sweeps, reference, strategies, output };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?>(),
            (services, _) => Compare(
                services.GetRequiredService<IAnsiConsole>(), parse.GetRequiredValue(sweeps), parse.GetValue(reference), Numbers.Words(parse.GetValue(strategies)), parse.GetRequiredValue(output)),
            libtorch: false));
        return command;
    }

    private static int Compare(IAnsiConsole console, IReadOnlyList<string> names, string? reference, IReadOnlyList<string> strategies, string output)
    {
        var sweeps = names.Distinct(StringComparer.Ordinal).Select(name => SweepResults.ToCompare(name, console)).OfType<ComparedSweep>().ToList();
        if (sweeps.Count == 0)
            throw new InputException("there is nothing to compare: run a sweep first");
        var comparison = Comparison.Of(sweeps, reference, strategies);
        ComparisonConsole.Write(comparison, console);
        var page = ComparisonFiles.Write(comparison, Path.GetFullPath(output));
        console.WriteLine($"Written: {page}, compare.md, compare.csv and figures");
        return 0;
    }
}
