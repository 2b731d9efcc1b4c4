using KdMtlBench.Contracts.Benchmarks.Tasks;
using KdMtlBench.Host.Components;
using KdMtlBench.Host.Models;
using KdMtlBench.Host.Runs;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Performance;

/// <summary>Any number of tasks on the same pictures, to see what a step costs by their number. There is nothing to learn: pictures and
/// labels are random.</summary>
internal sealed class ManyTasks(ManyTasksOptions options) : IBenchmark
{
    private const int Classes = 10;
    private const int BatchSize = 32;
    private const int Side = 32;

    public IReadOnlyList<LearningTask> Tasks { get; } =
        [.. Enumerable.Range(1, options.Tasks).Select(task => new Classification($"task-{task}", Classes))];

    public IReadOnlyList<InputInfo> Inputs { get; } = [InputInfo.Image(3, Side, Side)];

    public BenchmarkData Load(DataContext context) => new(Split(context, 4 * BatchSize), Split(context, BatchSize), Split(context,
        BatchSize), "random");

    /// <summary>Runs of ResNet-26 at a quarter of its width: uniform, and two that take every task's gradient.</summary>
    public static IReadOnlyList<RunSpec> Runs(PluginCatalog plugins, int tasks)
    {
        var benchmark = Component($"{tasks} tasks", new CatalogEntry("many-tasks", "", "", typeof(ManyTasks)), new ManyTasksOptions(tasks));
        var model = Component("resnet-26(width=0.25)", plugins.Models.Find("resnet-26")!, new ResNet26Options { Width = 0.25 });
        var training = new TrainingOptions { Epochs = 1, BatchSize = BatchSize, LearningRate = 1e-3, Threads = 1 };
        return
        [
            .. from id in new[] { "uniform", "mgda", "pcgrad" }
               let entry = plugins.Strategies.Find(id)
                   ?? throw new InputException($"there is no strategy `{id}`: build the solution, or name the folders by --plugins")
               let strategy = Component(id, entry, entry.OptionsType is { } options ? Activator.CreateInstance(options) : null)
               select new RunSpec(benchmark, model, training, new Dictionary<string, string>(), [strategy], null, 1),
        ];
    }

    private static Component Component(string label, CatalogEntry entry, object? options) => new(entry, options, label,
        new Dictionary<string, string>());

    private TensorSplit Split(DataContext context, int count)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var pictures = randint(0, 256, [count, 3, Side, Side], dtype: ScalarType.Byte, generator: generator).to(context.Device);
        var labels = Tasks.Select(_ => randint(0, Classes, [count], dtype: ScalarType.Int64, generator: generator).to(context.Device));
        return new TensorSplit("image", pictures, [.. labels]);
    }
}

/// <summary>Options of <see cref="ManyTasks"/>.</summary>
/// <param name="Tasks">How many.</param>
internal sealed record ManyTasksOptions(int Tasks);
