using System.CommandLine;
using System.Globalization;
using KdMtlBench.Host.Performance.Peers;
using KdMtlBench.Host.Sweeps;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl peers</c>: the same steps here and in PyTorch, losses compared and times in turns.</summary>
internal static class PeersCommand
{
    /// <summary>Right implementations were seen to differ by 6e-9 at most, one of PCGrad without its projections by 0.1, and MGDA solved
    /// to ten digits instead of fourteen by 0.03.</summary>
    private const double LossTolerance = 1e-4;

    /// <summary>Of the widest network whose losses are compared: float64 takes minutes where it is wider, and the arithmetic is the same.</summary>
    private const double ComparedWidth = 0.125;

    public static Command Create()
    {
        var width = new Option<double>("--width") { Description = "Of the SegNet", DefaultValueFactory = _ => 0.25 };
        var threads = new Option<int>("--threads") { Description = "Processor threads of a step", DefaultValueFactory = _ => Environment.ProcessorCount };
        var rounds = new Option<int>("--rounds") { Description = "Turns of everyone", DefaultValueFactory = _ => 7 };
        var steps = new Option<int>("--steps") { Description = "Steps in a turn", DefaultValueFactory = _ => 10 };
        var python = new Option<string?>("--python") { Description = "A Python that has torch (default: python3, or /usr/bin/python3)" };
        var device = new Option<string>("--device") { Description = "cpu, cuda, or auto: cuda where there is one; of both sides", DefaultValueFactory = _ => "cpu" };
        var output = new Option<string?>("--output") { Description = "Folder to write peers.csv and peers.md to" };
        foreach (var count in new[] { threads, rounds, steps })
            count.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() < 1)
                    result.AddError($"{count.Name} must be 1 or more");
            });
        var command = new Command("peers", "Time the same steps here and in PyTorch, in turns") { width, threads, rounds, steps, python, device, output, Application.Plugins };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?> { ["plugins"] = parse.GetValue(Application.Plugins) },
            (services, cancellation) => Measure(
                services, parse.GetValue(width), parse.GetValue(threads), parse.GetValue(python), RunCommand.DeviceNamed(parse.GetValue(device)!),
                parse.GetValue(rounds), parse.GetValue(steps), parse.GetValue(output), cancellation)));
        return command;
    }

    private static int Measure(
        IServiceProvider services, double width, int threads, string? python, Device device, int rounds, int steps, string? output, CancellationToken cancellation)
    {
        var console = services.GetRequiredService<IAnsiConsole>();
        _ = Application.PluginsOf(services);
        double[] differences;
        using (var compared = Setting(Math.Min(width, ComparedWidth)))
            differences = [.. compared.Runs.Select(compared.LossDifference)];
        using var timed = Setting(width);
        var table = new PeerTable(timed.Title, [.. timed.Runs.Zip(differences, (run, difference) => PeerTimes.Measure(timed, run, difference, rounds, steps, cancellation))]);
        table.Show(console);
        console.WriteLine($"Median over {rounds} rounds (least–most) of the median of {steps} steps; ratios within rounds, below 1 is faster than PyTorch. "
            + $"Losses: the most of {PeerSetting.ComparedSteps} steps in float64{(width > ComparedWidth ? string.Create(CultureInfo.InvariantCulture, $", width {ComparedWidth}") : "")}.");
        if (output is not null)
            table.Write(output);
        foreach (var time in table.Times.Where(time => !(time.LossDifference <= LossTolerance)))
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[yellow]{time.Strategy}: the losses differ by {time.LossDifference:0e+0}, more than {LossTolerance:0e+0}[/]");
        return table.Times.All(time => time.LossDifference <= LossTolerance) ? 0 : Application.RunsMissing;

        PeerSetting Setting(double width) => new(services.GetRequiredService<SweepReader>(), width, threads, python, Script(), device, cancellation);
    }

    private static string Script() => Application.Checkout() is { } root
        ? Path.Combine(root, "tests", "peers", "peer.py")
        : throw new InputException("kdmtl peers needs the checkout: tests/peers/peer.py is the PyTorch side");
}
