using KdMtlBench.Host.Performance;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Sweeps.Reading;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Commands;

/// <summary>What <c>kdmtl perf</c> is asked, and its answer.</summary>
internal sealed class PerfQuestion(IServiceProvider services, CancellationToken cancellation)
{
    private readonly IAnsiConsole _console = services.GetRequiredService<IAnsiConsole>();
    private readonly ApplicationSettings _settings = services.GetRequiredService<ApplicationSettings>();
    private readonly Device _device = Devices.Named(services.GetRequiredService<ApplicationSettings>().Device);

    /// <summary>Of the strategies; null where <see cref="Tasks"/> says how many tasks.</summary>
    public string? Sweep { get; init; }

    public int? Tasks { get; init; }

    /// <summary>Whether to compare steps that are read with steps that are not.</summary>
    public bool Reading { get; init; }

    /// <summary>Steps in whose course memory is looked at; null for times.</summary>
    public int? MemorySteps { get; init; }

    public int Rounds { get; init; }

    public int Steps { get; init; }

    /// <summary>Folder of the files; null for none.</summary>
    public string? Output { get; init; }

    /// <summary>Measures, shows and writes.</summary>
    /// <returns>The exit code.</returns>
    public int Answer() => MemorySteps is { } steps ? Memory(steps) : Reading ? ReadingTable() : Times();

    private int Times()
    {
        var tables = Each((title, runs, benchmark, data) => new PerformanceTable(
            title, StepTimes.Measure(runs, benchmark, data, _device, Rounds, Steps, cancellation)), table => table.Show(_console));
        _console.WriteLine($"Median over {Rounds} rounds (least–most) of the median of {Steps} steps; ratios within rounds. "
            + "floor: one forward pass and one backward pass a task, nothing solved.");
        if (Output is { } folder)
            PerformanceTable.Write(folder, tables);
        return 0;
    }

    private int ReadingTable()
    {
        var tables = Each((title, runs, benchmark, data) =>
            ReadingTimes.Measure(title, runs, benchmark, data, _device, Rounds, Steps, cancellation), table => table.Show(_console));
        _console.WriteLine($"Median over {Rounds} rounds of {Steps} steps. On a GPU, queued to finished near 1 says that "
            + "something in a step waits for the device, or that the device waits for the processor.");
        Write(tables, "reading.csv");
        return 0;
    }

    private int Memory(int steps)
    {
        var tables = Each((title, runs, benchmark, data) =>
            StepMemory.Measure(title, runs, benchmark, data, _device, steps, cancellation), table => table.Show(_console));
        _console.WriteLine("Tensors are those that TorchSharp counts. It does not count down those that stand for no gradient: "
            + "mgda-ub and graddrop get some in every step.");
        Write(tables, "memory.csv");
        return tables.Exists(StepMemory.Grows) ? Application.RunsMissing : 0;
    }

    private void Write(IReadOnlyList<FigureTable> tables, string name)
    {
        if (Output is { } folder)
            FigureTable.Write(Path.Combine(folder, name), tables);
    }

    /// <summary>One table for each benchmark and model, with one run of each strategy.</summary>
    private List<T> Each<T>(Func<string, IReadOnlyList<RunSpec>, IBenchmark, BenchmarkData, T> measure, Action<T> show)
    {
        var tables = new List<T>();
        foreach (var group in Runs().Where(run => run.SingleTask is null).GroupBy(run => $"{run.Benchmark.Label} · {run.Model.Label}",
            StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            var runs = group.DistinctBy(run => run.StrategyLabel).ToList();
            var benchmark = runs[0].Benchmark.CreateBenchmark();
            using var data = benchmark.Load(new DataContext(_settings.Data, _device, cancellation));
            tables.Add(measure(group.Key, runs, benchmark, data));
            show(tables[^1]);
        }

        return tables;
    }

    private IReadOnlyList<RunSpec> Runs()
    {
        var plugins = Application.PluginsOf(services);
        return Tasks is { } tasks
            ? ManyTasks.Runs(plugins, tasks)
            : services.GetRequiredService<SweepReader>().Read(SweepNames.File(Sweep!, _console.WriteLine)).Runs;
    }
}
