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
    /// <summary>Of the median over the steps, since single steps of MGDA were seen to differ by some 1e-4, for a reason not found.
    /// PCGrad without its projections differs by 7e-5 in the median: the bound tells it from the right one, but only just.</summary>
    private const double LossTolerance = 5e-5;

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
                services, Sweep(parse.GetValue(width), parse.GetValue(threads)), parse.GetValue(python), RunCommand.DeviceNamed(parse.GetValue(device)!),
                parse.GetValue(rounds), parse.GetValue(steps), parse.GetValue(output), cancellation)));
        return command;
    }

    private static int Measure(IServiceProvider services, string yaml, string? python, Device device, int rounds, int steps, string? output, CancellationToken cancellation)
    {
        var console = services.GetRequiredService<IAnsiConsole>();
        _ = Application.PluginsOf(services);
        var folder = Directory.CreateTempSubdirectory("kdmtl-peers-").FullName;
        try
        {
            var sweepFile = Path.Combine(folder, "sweep.yaml");
            File.WriteAllText(sweepFile, yaml);
            var runs = services.GetRequiredService<SweepReader>().Read(sweepFile).Runs.Where(run => run.SingleTask is null).ToList();
            var exchange = Path.Combine(folder, "peers.safetensors");
            using var scope = NewDisposeScope();
            var benchmark = runs[0].Benchmark.Create<IBenchmark>();
            using var data = benchmark.Load(new DataContext(null, CPU, cancellation));
            PeerTimes.Export(exchange, runs[0], benchmark, data);
            using var there = benchmark.Load(new DataContext(null, device, cancellation));
            using var peer = new PeerProcess(python, Script(), exchange, runs[0].Training.Threads, device);
            var times = PeerTimes.Measure(runs, benchmark, there, device, peer, rounds, steps, cancellation);
            var table = new PeerTable($"{runs[0].Benchmark.Label} · {runs[0].Model.Label} · batch {runs[0].Training.BatchSize} · {runs[0].Training.Threads} threads · {device} · {peer.Version}", times);
            table.Show(console);
            console.WriteLine($"Median over {rounds} rounds (least–most) of the median of {steps} steps; ratios within rounds, below 1 is faster than PyTorch. Losses: median and most over {PeerTimes.ComparedSteps} steps.");
            if (output is not null)
                table.Write(output);
            foreach (var time in times.Where(time => !(time.LossDifference.Median <= LossTolerance)))
                console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[yellow]{time.Strategy}: the losses differ by {time.LossDifference.Median:0e+0}, more than {LossTolerance:0e+0}[/]");
            return times.All(time => time.LossDifference.Median <= LossTolerance) ? 0 : Application.RunsMissing;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>results/quick's setting at another width, with as many batches as are compared.</summary>
    /// <remarks>The learning rate is small since Adam's first steps follow the sign of each gradient: where one is nearly zero,
    /// the last bit of a sum decides, and at 0.005 losses that agree to the bit at the first step differ by 0.01 after five.
    /// It does not change what a step takes.</remarks>
    private static string Sweep(double width, int threads) => string.Create(CultureInfo.InvariantCulture, $$"""
        benchmark:
          scenes: {height: 32, width: 48, train: {{16 * PeerTimes.ComparedSteps}}, validation: 16, test: 16}
        model:
          segnet: {width: {{width}}, stages: 3}
        training: {epochs: 1, batch-size: 16, learning-rate: 0.000002, threads: {{threads}}}
        seeds: [1]
        strategies: [uniform, pcgrad, mgda]
        """);

    private static string Script() => Application.Checkout() is { } root
        ? Path.Combine(root, "tests", "peers", "peer.py")
        : throw new InputException("kdmtl peers needs the checkout: tests/peers/peer.py is the PyTorch side");
}
