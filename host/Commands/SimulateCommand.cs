using System.CommandLine;
using System.Globalization;
using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Runs;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl simulate</c>: what a sweep of so many rows and seeds would decide, and how often a word would be wrong, by invented sweeps.</summary>
internal static class SimulateCommand
{
    private const int MostFixedSeeds = 400;

    public static Command Create()
    {
        var rows = new Option<int>("--rows") { Description = "Rows besides the reference", DefaultValueFactory = _ => 10 };
        var from = new Option<int>("--from") { Description = "Number of seeds in the first round, at least 3", DefaultValueFactory = _ => 5 };
        var to = new Option<int>("--to") { Description = "The last seed; the same as --from for a fixed number", DefaultValueFactory = _ => 30 };
        var margin = new Option<double>("--margin") { Description = "The margin, in points of Δ task", DefaultValueFactory = _ => 1 };
        var scatter = new Option<double>("--scatter") { Description = "Standard deviation over seeds of a row's difference from the reference, in points", DefaultValueFactory = _ => 1 };
        var truth = new Option<string>("--truth") { Description = "True differences, in margins, assigned to the rows in turn", DefaultValueFactory = _ => "0,1,-1" };
        var noise = new Option<InventedNoise>("--noise") { Description = "Noise: normal, skewed or heavytailed" };
        var sweeps = new Option<int>("--sweeps") { Description = "Number of simulated sweeps", DefaultValueFactory = _ => 10_000 };
        var command = new Command("simulate", "Simulate sweeps whose truth is known: what a given number of rows and seeds decides, and how often wrongly") { rows, from, to, margin, scatter, truth, noise, sweeps };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?>(),
            (services, _) => Simulate(
                services.GetRequiredService<IAnsiConsole>(),
                new SweepSimulation(
                    Positive("--rows", parse.GetValue(rows)), new DecisionRule("uniform", Positive("--margin", parse.GetValue(margin)), Rounds(parse.GetValue(from), parse.GetValue(to))),
                    Truths(parse.GetValue(truth)!), Positive("--scatter", parse.GetValue(scatter)), parse.GetValue(noise)),
                Positive("--sweeps", parse.GetValue(sweeps))),
            libtorch: false));
        return command;
    }

    private static int Simulate(IAnsiConsole console, SweepSimulation simulation, int sweeps)
    {
        var rounds = simulation.Rule.Rounds!;
        var made = simulation.Run(sweeps);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{sweeps} invented sweeps of {simulation.Rows} rows, {(rounds.From == rounds.To ? $"{rounds.From}" : $"{rounds.From} to {rounds.To}")} seeds, {simulation.Noise} noise, "
            + $"differences that scatter by {simulation.Scatter} points, truth {string.Join(", ", simulation.Truths)} × the margin of {simulation.Rule.Margin}:"));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a word is wrong in {100 * made.Error:0.00} ± {100 * made.StandardError:0.00} % of the sweeps"));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{100 * made.Decided:0.0} % of the rows are decided, by {made.Runs:0.0} runs a sweep (the reference's with them)"));
        if (rounds.From == rounds.To)
            return 0;
        var seeds = simulation.FixedSeeds(made.Decided, MostFixedSeeds, Math.Min(sweeps, 1000));
        console.WriteLine(seeds is not { } number ? $"more than {MostFixedSeeds} seeds of every row would be needed to decide as many"
            : string.Create(CultureInfo.InvariantCulture, $"{number} seeds of every row decide as many, by {number * (simulation.Rows + 1)} runs: the rounds save {100 * (1 - (made.Runs / (number * (simulation.Rows + 1)))):0} %"));
        return 0;
    }

    private static SeedRounds Rounds(int from, int to) => from >= Statistics.FewestSeeds && to >= from ? new SeedRounds(from, to)
        : throw new InputException($"--from {from} --to {to}: take {Statistics.FewestSeeds} seeds or more, and no last one before the first round's");

    private static IReadOnlyList<double> Truths(string text) =>
        [.. text.Split(',').Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value
            : throw new InputException($"--truth {text}: give numbers with commas between them, as 0,1,-1"))];

    private static T Positive<T>(string option, T value)
        where T : System.Numerics.INumber<T> => value > T.Zero ? value : throw new InputException($"{option} {value}: take a number above 0");
}
