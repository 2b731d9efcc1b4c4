using System.Text.RegularExpressions;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Host.Training;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Plugins;

/// <summary>What strategies may require of a model and a benchmark.</summary>
/// <param name="HasRepresentation">All heads work on one representation.</param>
/// <param name="HasLastSharedLayer">The model names its last shared layer.</param>
/// <param name="HasOwnSamples">Each task has samples of its own.</param>
internal sealed record ModelFacts(bool HasRepresentation, bool HasLastSharedLayer, bool HasOwnSamples);

/// <summary>What a benchmark and a model are tried on before the first run, so that a slip of a plugin's author is one
/// sentence at the start, not a failure of every run; each throws <see cref="InputException"/>.</summary>
internal static partial class Trial
{
    /// <summary>The tasks can be told apart and there is an input to learn from.</summary>
    public static void Benchmark(Component component)
    {
        var benchmark = component.CreateBenchmark();
        var ids = benchmark.Tasks.Select(task => task.Id).ToList();
        if (ids.Count == 0)
            throw Fault("benchmark", component, "has no tasks; give it one or more");
        if (ids.FirstOrDefault(id => !Kebab().IsMatch(id)) is { } odd)
            throw Fault("benchmark", component, $"has a task with the id `{odd}`; ids are lower-case words of a-z and 0-9, joined by -");
        if (ids.GroupBy(id => id, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw Fault("benchmark", component, $"has {twice.Count()} tasks with the id `{twice.Key}`; name each differently");
        if (benchmark.InputShape.Count == 0 || benchmark.InputShape.Any(length => length < 1))
            throw Fault("benchmark", component, $"gives its inputs the shape {Shown(benchmark.InputShape)}; every axis has a length of 1 or more");
    }

    /// <summary>Loads the data and takes one sample of each split, which must be what the benchmark has promised.</summary>
    public static BenchmarkData Load(Component component, IBenchmark benchmark, DataContext context)
    {
        var data = Guarded("benchmark", component, "cannot load its data", () => benchmark.Load(context));
        try
        {
            foreach (var (split, name) in new[] { (data.Train, "training"), (data.Validation, "validation"), (data.Test, "test") })
                CheckSample(component, benchmark, split, name, context.Device);
            return data;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>The network can be made for the benchmark. A plugin's is also run once: its taps and predictions must have
    /// the shapes it has declared.</summary>
    public static void Model(Component component, IBenchmark benchmark, int seed)
    {
        using var scope = NewDisposeScope();
        TaskInfo[] tasks = [.. benchmark.Tasks.Select(task => task.Info)];
        using var network = Guarded("model", component, "cannot be made", () =>
            Network.Create(component.Create<IModel>(), benchmark.InputShape, tasks, seed, CPU));
        if (component.Entry.FileSha256 is null)
            return;
        network.TrainMode(false);
        using var noGradient = no_grad();
        const int images = 2;
        var batch = new Batch(zeros([images, .. benchmark.InputShape]), []);
        var features = Guarded("model", component, "cannot run", () => network.Trunk.forward(batch.Inputs));
        foreach (var tap in network.Trunk.Taps)
        {
            if (!features.Taps.TryGetValue(tap.Name, out var map))
                throw Fault("model", component, $"declares the tap `{tap.Name}`, but its forward pass gives only {string.Join(", ", features.Taps.Keys)}");
            if (!map.shape.AsSpan(1).SequenceEqual(tap.Shape.ToArray()))
                throw Fault("model", component, $"declares the tap `{tap.Name}` as {Shown(tap.Shape)}, but its forward pass gives {Shown(map.shape[1..])}; declare what it gives");
        }

        var predictions = Guarded("model", component, "cannot run", () => network.Forward(batch).Predictions);
        foreach (var (task, prediction) in tasks.Zip(predictions))
            if (task.Kind != TaskKind.Objective && (prediction.ndim < 2 || prediction.shape[0] != images || prediction.shape[1] != task.Outputs))
                throw Fault("model", component, $"predicts {Shown(prediction.shape)} of {images} images for the task `{task.Id}`; it must be [{images}, {task.Outputs}, …]");
        if (!network.Trunk.LastSharedLayer.All(network.Trunk.parameters().Contains))
            throw Fault("model", component, "has a last shared layer that is not among its trunk's parameters; register its modules");
    }

    /// <summary>Runs an untrained network on a training sample: every task's loss must take its prediction.</summary>
    /// <returns>What strategies may require of model and data.</returns>
    public static ModelFacts Fit(Component model, Component component, IBenchmark benchmark, BenchmarkData data, int seed, Device device)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Network.Create(model.Create<IModel>(), benchmark.InputShape, [.. benchmark.Tasks.Select(task => task.Info)], seed, CPU);
        network.TrainMode(false);
        var taken = data.Train.Take(zeros(1, dtype: ScalarType.Int64, device: device));
        var batch = taken with { Inputs = taken.Inputs.cpu(), Targets = [.. taken.Targets.Select(target => target.cpu())] };
        var (features, predictions) = Guarded("model", model, "cannot run", () => network.Forward(batch));
        foreach (var (task, prediction, target) in benchmark.Tasks.Zip(predictions, batch.Targets))
        {
            try
            {
                if (task.Loss(prediction, target).numel() != 1)
                    throw new InvalidOperationException("the loss is no scalar");
            }
#pragma warning disable CA1031 // whatever a loss throws at shapes that it does not expect
            catch (Exception e)
#pragma warning restore CA1031
            {
                throw new InputException($"{model.Origin}the model `{model.Label}` does not fit `{component.Label}`: it predicts {Shown(prediction.shape[1..])} for the task `{task.Id}`, "
                    + $"whose targets are {Shown(target.shape[1..])} ({e.Message.Split('\n')[0]}); take a model for such targets");
            }
        }

        return new ModelFacts(features.Representation is not null, network.Trunk.LastSharedLayer.Count > 0, batch.Rows is not null);
    }

    private static void CheckSample(Component component, IBenchmark benchmark, Split split, string name, Device device)
    {
        using var scope = NewDisposeScope();
        if (split.Count < 1)
            throw Fault("benchmark", component, $"has an empty {name} split");
        var batch = Guarded("benchmark", component, $"cannot give a {name} sample", () => split.Take(zeros(1, dtype: ScalarType.Int64, device: device)));
        if (batch.Inputs.dtype != ScalarType.Float32 || !batch.Inputs.shape.AsSpan(1).SequenceEqual(benchmark.InputShape.ToArray()))
            throw Fault("benchmark", component, $"gives {name} inputs {Shown(batch.Inputs.shape[1..])} of {batch.Inputs.dtype}; its InputShape is {Shown(benchmark.InputShape)}, and inputs are Float32");
        if (batch.Targets.Count != benchmark.Tasks.Count)
            throw Fault("benchmark", component, $"gives {batch.Targets.Count} {name} targets for {benchmark.Tasks.Count} tasks; give one a task");
    }

    /// <summary>Runs an author's code; whatever it throws, but for bad input and Ctrl-C, becomes a sentence.</summary>
    private static T Guarded<T>(string kind, Component component, string what, Func<T> run)
    {
        try
        {
            return run();
        }
#pragma warning disable CA1031 // an author's code may throw anything
        catch (Exception e) when (e is not InputException and not OperationCanceledException)
#pragma warning restore CA1031
        {
            throw Fault(kind, component, $"{what}: {e.GetType().Name}: {e.Message.Split('\n')[0]}");
        }
    }

    private static InputException Fault(string kind, Component component, string fault) => new($"{component.Origin}the {kind} `{component.Label}` {fault}");

    private static string Shown(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Kebab();
}
