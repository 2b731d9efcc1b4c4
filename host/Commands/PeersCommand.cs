using System.CommandLine;
using System.Globalization;
using KdMtlBench.Host.Performance;
using KdMtlBench.Host.Performance.Peers;
using KdMtlBench.Host.Sweeps.Reading;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl peers</c>: the same steps here and in PyTorch, losses compared and times in turns.</summary>
internal static class PeersCommand
{
    /// <summary>Right implementations were seen to differ by 6e-9 at most, one of PCGrad without its projections by 0.1, and MGDA solved
    /// to ten digits instead of fourteen by 0.03.</summary>
    private const double LossTolerance = 1e-4;

    /// <summary>Where only losses are compared: right implementations were seen to differ by 4e-12 at most.</summary>
    private const double StrictTolerance = 1e-10;

    /// <summary>Of the widest network whose losses are compared: float64 takes minutes where it is wider, and the arithmetic is the same.</summary>
    private const double ComparedWidth = 0.125;

    /// <summary>Where only losses are compared: the larger it is, the faster last bits grow. By 0.001, PyTorch's own losses by geometric-loss are
    /// apart by 5e-4 after fifteen steps if the first weights are off by a last bit, those by kd-adaptor after seven.</summary>
    private const double ComparedLearningRate = 0.00001;

    /// <summary>Of two steps each, so that strategies are past the epochs in which they only gather: smooth-tchebycheff the fifth, dwa the
    /// second.</summary>
    private const int ComparedEpochs = PeerSetting.ComparedSteps / 2;

    private const string Uniform = "uniform";

    private static readonly string[] _timed = [Uniform, "pcgrad", "mgda"];

    public static Command Create()
    {
        var width = new Option<double>("--width") { Description = "Width of the SegNet", DefaultValueFactory = _ => 0.25 };
        var threads = new Option<int>("--threads") { Description = "CPU threads", DefaultValueFactory = _ => Environment.ProcessorCount };
        var rounds = new Option<int>("--rounds") { Description = "Rounds, in which all are timed in turn", DefaultValueFactory = _ => 7 };
        var steps = new Option<int>("--steps") { Description = "Steps per round", DefaultValueFactory = _ => 10 };
        var losses = new Option<bool>("--losses") { Description = "Only compare losses, for every strategy that both sides have" };
        var only = new Option<string[]>("--strategies") { Description = "With --losses: only these, e.g. uniform,pcgrad" };
        only.CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(','))];
        var tolerance = new Option<double?>("--tolerance")
        {
            Description = $"Largest difference of losses (default: {LossTolerance:0e+0}; with --losses {StrictTolerance:0e+0})",
        };
        var tf32 = new Option<bool>("--tf32") { Description = "Let a GPU use TF32 for float32, on both sides; otherwise neither does" };
        var python = new Option<string?>("--python") { Description = "A Python that has torch (default: python3, or /usr/bin/python3)" };
        var device = new Option<string>("--device") { Description = "cpu, cuda, or auto: cuda if there is one; for both sides", DefaultValueFactory = _ => "cpu" };
        var output = new Option<string?>("--output") { Description = "Folder to write peers.csv and peers.md to, or losses.csv" };
        foreach (var count in new[] { threads, rounds, steps })
            count.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() < 1)
                    result.AddError($"{count.Name} must be 1 or more");
            });
        var command = new Command("peers", "Time the same steps here and in PyTorch, in interleaved rounds")
        {
            width, threads, rounds, steps, losses, only, tolerance, tf32, python, device, output, Application.Plugins,
        };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?> { ["plugins"] = parse.GetValue(Application.Plugins) },
            (services, cancellation) =>
            {
                var on = Devices.Named(parse.GetValue(device)!);
                var question = new PeerQuestion(parse.GetValue(width), parse.GetValue(threads), on, parse.GetValue(tf32), parse.GetValue(python));
                var (allowed, folder) = (parse.GetValue(tolerance) ?? (parse.GetValue(losses) ? StrictTolerance : LossTolerance), parse.GetValue(output));
                return parse.GetValue(losses)
                    ? Compare(services, question, parse.GetValue(only) ?? [], allowed, folder, cancellation)
                    : Measure(services, question, allowed, parse.GetValue(rounds), parse.GetValue(steps), folder, cancellation);
            }));
        return command;
    }

    /// <summary>Losses alone, of all strategies that both sides have.</summary>
    private static int Compare(
        IServiceProvider services, PeerQuestion question, string[] only, double tolerance, string? output, CancellationToken cancellation)
    {
        var console = services.GetRequiredService<IAnsiConsole>();
        var here = Application.PluginsOf(services).Strategies.Entries.Select(entry => entry.Id).ToList();
        question = question with { LearningRate = ComparedLearningRate, Epochs = ComparedEpochs };
        IReadOnlyList<string> there;
        using (var asked = Setting(services, question, [Uniform], cancellation))
            there = asked.Peer.Strategies();
        if (only.Except(there).ToList() is { Count: > 0 } unknown)
            throw new InputException($"PyTorch's side has no {string.Join(", ", unknown)}; it has {string.Join(", ", there)}");
        var both = there.Where(id => here.Contains(id) && (only.Length == 0 || only.Contains(id)));
        using var setting = Setting(services, question, [Uniform, .. both.Except([Uniform])], cancellation);
        var uniform = setting.Losses(setting.Runs[0]);
        var rows = new List<(string Strategy, IReadOnlyList<double> Figures)>();
        var table = new FigureTable(setting.Title, ["strategy", "losses differ by at most", "from uniform's by"], rows) { Format = "0e+0" };
        foreach (var run in setting.Runs.Where(run => only.Length == 0 || only.Contains(run.Strategies[0].Entry.Id)))
        {
            cancellation.ThrowIfCancellationRequested();
            var losses = run == setting.Runs[0] ? uniform : setting.Losses(run);
            rows.Add((run.StrategyLabel, [setting.Difference(run, losses), PeerSetting.Difference(losses, uniform)]));
            if (output is not null)
                FigureTable.Write(Path.Combine(output, "losses.csv"), [table]); // after each: time may end before the last
        }

        table.Show(console);
        var missing = here.Except(there).ToList();
        console.WriteLine($"The most of {PeerSetting.ComparedSteps} steps in float64, {ComparedEpochs} epochs, learning rate {ComparedLearningRate:0e+0}. "
            + (missing.Count == 0 ? "PyTorch's side has every strategy of this program."
                : $"Not compared, since PyTorch's side has none of that name: {string.Join(", ", missing)}."));
        var idle = rows.Where(row => row.Strategy != Uniform && !(row.Figures[1] > tolerance)).Select(row => row.Strategy).ToList();
        foreach (var strategy in idle)
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture,
                $"[yellow]{strategy}: its losses are uniform's to {tolerance:0e+0}, so that nothing of it has been compared[/]");
        return Math.Max(Judge(console, rows.Select(row => (row.Strategy, row.Figures[0])), tolerance), idle.Count > 0 ? Application.RunsMissing : 0);
    }

    private static int Measure(
        IServiceProvider services, PeerQuestion question, double tolerance, int rounds, int steps, string? output,
            CancellationToken cancellation)
    {
        var console = services.GetRequiredService<IAnsiConsole>();
        _ = Application.PluginsOf(services);
        double[] differences;
        using (var compared = Setting(services, question with { Width = Math.Min(question.Width, ComparedWidth) }, _timed, cancellation))
            differences = [.. compared.Runs.Select(run => compared.Difference(run, compared.Losses(run)))];
        using var timed = Setting(services, question, _timed, cancellation);
        var table = new PeerTable(timed.Title, [.. timed.Runs.Zip(differences, (run, difference) => PeerTimes.Measure(timed, run, difference, rounds, steps, cancellation))]);
        table.Show(console);
        var narrower = question.Width > ComparedWidth ? $", width {ComparedWidth}" : "";
        console.WriteLine($"Median over {rounds} rounds (least–most) of the median of {steps} steps; ratios within rounds, below 1 is faster than PyTorch. "
            + $"Losses: the most of {PeerSetting.ComparedSteps} steps in float64{narrower}.");
        if (output is not null)
            table.Write(output);
        return Judge(console, table.Times.Select(time => (time.Strategy, time.LossDifference)), tolerance);
    }

    private static int Judge(IAnsiConsole console, IEnumerable<(string Strategy, double Difference)> losses, double tolerance)
    {
        var apart = losses.Where(loss => !(loss.Difference <= tolerance)).ToList();
        foreach (var (strategy, difference) in apart)
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture,
                $"[yellow]{strategy}: the losses differ by {difference:0e+0}, more than {tolerance:0e+0}[/]");
        return apart.Count == 0 ? 0 : Application.RunsMissing;
    }

    private static PeerSetting Setting(IServiceProvider services, PeerQuestion question, IReadOnlyList<string> strategies,
        CancellationToken cancellation) =>
        new(services.GetRequiredService<SweepReader>(), question, strategies, Script(), cancellation);

    /// <summary>The PyTorch side: the checkout's, or a published program's.</summary>
    private static string Script() => Application.Checkout() is { } root
        ? Path.Combine(root, "tests", "peers", "peer.py")
        : Path.Combine(AppContext.BaseDirectory, "peers", "peer.py");
}
