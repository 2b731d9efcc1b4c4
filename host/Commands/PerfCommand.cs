using System.CommandLine;
using KdMtlBench.Host.Benchmarks;
using KdMtlBench.Host.Performance;
using KdMtlBench.Host.Sweeps;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl perf SWEEP</c>: what a step of each of a sweep's strategies takes, without training to the end.</summary>
internal static class PerfCommand
{
    public static Command Create()
    {
        var sweep = new Argument<string>("sweep") { Description = "A sweep.yaml, its folder, or the name of a folder in results/" };
        var data = new Option<string?>("--data") { Description = "Folder of data sets. KDMTL_DATA" };
        var device = new Option<string?>("--device") { Description = "cpu, cuda, or auto: cuda where there is one. KDMTL_DEVICE" };
        var rounds = new Option<string>("--rounds") { Description = "Turns of every strategy", DefaultValueFactory = _ => "7" };
        var steps = new Option<string>("--steps") { Description = "Steps in a turn", DefaultValueFactory = _ => "15" };
        var output = new Option<string?>("--output") { Description = "Folder to write perf.csv and perf.md to" };
        var command = new Command("perf", "Time the steps of a sweep's strategies, in turns") { sweep, data, device, rounds, steps, output, Application.Plugins };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?>
            {
                ["data"] = parse.GetValue(data),
                ["device"] = parse.GetValue(device),
                ["plugins"] = parse.GetValue(Application.Plugins),
            },
            (services, cancellation) =>
            {
                var turns = Numbers.AtLeastOne(parse.GetRequiredValue(rounds), rounds.Name, "a number of turns, 1 or more");
                var stepsOfATurn = Numbers.AtLeastOne(parse.GetRequiredValue(steps), steps.Name, "a number of steps, 1 or more");
                var tables = Measure(services, parse.GetRequiredValue(sweep), turns, stepsOfATurn, cancellation);
                if (parse.GetValue(output) is { } folder)
                    PerformanceTable.Write(folder, tables);
                return 0;
            }));
        return command;
    }

    private static List<PerformanceTable> Measure(IServiceProvider services, string name, int rounds, int steps, CancellationToken cancellation)
    {
        var settings = services.GetRequiredService<ApplicationSettings>();
        var console = services.GetRequiredService<IAnsiConsole>();
        _ = Application.PluginsOf(services);
        var sweep = services.GetRequiredService<SweepReader>().Read(SweepNames.File(name));
        var device = RunCommand.DeviceNamed(settings.Device);
        var tables = new List<PerformanceTable>();
        foreach (var group in sweep.Runs.Where(run => run.SingleTask is null).GroupBy(run => $"{run.Benchmark.Label} · {run.Model.Label}", StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            var runs = group.DistinctBy(run => run.StrategyLabel).ToList();
            var benchmark = runs[0].Benchmark.Create<IBenchmark>();
            using var data = benchmark.Load(new DataContext(settings.Data, device, cancellation));
            var table = new PerformanceTable(group.Key, StepTimes.Measure(runs, benchmark, data, device, rounds, steps, cancellation));
            table.Show(console);
            tables.Add(table);
        }

        console.WriteLine($"Median over {rounds} rounds (least–most) of the median of {steps} steps; ratios within rounds. floor: one forward pass and one backward pass a task, nothing solved.");
        return tables;
    }
}
