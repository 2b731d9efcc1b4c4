using System.CommandLine;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl perf SWEEP</c>: what a step of each of a sweep's strategies takes, without training to the end.</summary>
internal static class PerfCommand
{
    public static Command Create()
    {
        var sweep = new Argument<string?>("sweep") { Description = "A sweep.yaml, its folder, or the name of a folder in results/",
            Arity = ArgumentArity.ZeroOrOne };
        var data = new Option<string?>("--data") { Description = "Folder of data sets. KDMTL_DATA" };
        var device = new Option<string?>("--device") { Description = "cpu, cuda, or auto: cuda if there is one. KDMTL_DEVICE" };
        var rounds = new Option<string>("--rounds") { Description = "Rounds, in which all strategies are timed in turn", DefaultValueFactory = _ => "7" };
        var steps = new Option<string>("--steps") { Description = "Steps per round", DefaultValueFactory = _ => "15" };
        var tasks = new Option<string?>("--tasks") { Description = "Instead of a sweep: this many tasks on random images, with ResNet-26" };
        var reading = new Option<bool>("--reading") { Description = "Compare steps whose loss is read after each one with steps whose loss is not" };
        var memory = new Option<string?>("--memory") { Description = "Measure memory after 100, 500, 1000 and this many steps; exits with 1 if it grows by 5 %" };
        var output = new Option<string?>("--output") { Description = "Folder to write perf.csv and perf.md, reading.csv or memory.csv to" };
        var command = new Command("perf", "Time the steps of a sweep's strategies, in interleaved rounds")
        {
            sweep, data, device, rounds, steps, tasks, reading, memory, output, Application.Plugins,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(sweep) is null == result.GetValue(tasks) is null)
                result.AddError("perf takes a sweep or --tasks");
        });
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?>
            {
                ["data"] = parse.GetValue(data),
                ["device"] = parse.GetValue(device),
                ["plugins"] = parse.GetValue(Application.Plugins),
            },
            (services, cancellation) => new PerfQuestion(services, cancellation)
            {
                Sweep = parse.GetValue(sweep),
                Tasks = Count(parse.GetValue(tasks), tasks.Name, "a number of tasks, 1 or more"),
                Reading = parse.GetValue(reading),
                MemorySteps = Count(parse.GetValue(memory), memory.Name, "a number of steps, 1 or more"),
                Rounds = Numbers.AtLeastOne(parse.GetRequiredValue(rounds), rounds.Name, "a number of turns, 1 or more"),
                Steps = Numbers.AtLeastOne(parse.GetRequiredValue(steps), steps.Name, "a number of steps, 1 or more"),
                Output = parse.GetValue(output),
            }.Answer()));
        return command;
    }

    private static int? Count(string? text, string option, string expected) => text is null ? null : Numbers.AtLeastOne(text, option, expected);
}
