using System.Text.RegularExpressions;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training.Networks;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Sweeps.Checks;

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
        if (benchmark.Inputs.Count == 0)
            throw Fault("benchmark", component, "has no inputs; give it one or more");
        if (benchmark.Inputs.FirstOrDefault(input => !Kebab().IsMatch(input.Name)) is { } misnamed)
            throw Fault("benchmark", component, $"has an input named `{misnamed.Name}`; names are lower-case words of a-z and 0-9, joined by -");
        if (benchmark.Inputs.GroupBy(input => input.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } same)
            throw Fault("benchmark", component, $"has {same.Count()} inputs named `{same.Key}`; name each differently");
        if (benchmark.Inputs.FirstOrDefault(input => input.Shape.Count == 0 || input.Shape.Any(length => length is 0 or < -1)) is { } shapeless)
            throw Fault("benchmark", component, $"has the input {shapeless}; every axis has a length of 1 or more, or -1 where it differs from batch to batch");
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
            Network.Create(component.Create<IModel>(), benchmark.Inputs, tasks, seed, CPU));
        if (component.Entry.FileSha256 is null)
            return;
        if (!network.Module.LastSharedLayer.All(network.Module.SharedParameters.Contains))
            throw Fault("model", component, "has a last shared layer that is not among its shared parameters; register its modules");
        if (benchmark.Inputs.All(input => input is { Shape: [-1, ..], Dtype: ScalarType.Float32 } && input.Shape.Skip(1).All(length => length > 0)))
        {
            const int samples = 2;
            network.TrainMode(false);
            using var noGradient = no_grad();
            var zero = benchmark.Inputs.ToDictionary(input => input.Name, input => zeros([samples, .. input.Shape.Skip(1)]), StringComparer.Ordinal);
            CheckOutputs(component, network, tasks, new Batch(zero, samples, []));
        }
    }

    /// <summary>Runs an untrained network on a training sample: every task's loss must take its prediction.</summary>
    /// <returns>What strategies may require of model and data.</returns>
    public static ModelFacts Fit(Component model, Component component, IBenchmark benchmark, BenchmarkData data, int seed, Device device)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        TaskInfo[] tasks = [.. benchmark.Tasks.Select(task => task.Info)];
        using var network = Network.Create(model.Create<IModel>(), benchmark.Inputs, tasks, seed, CPU);
        network.TrainMode(false);
        var taken = data.Train.Take(Samples.Of([0], device));
        var batch = taken with
        {
            Inputs = taken.Inputs.ToDictionary(input => input.Key, input => input.Value.cpu(), StringComparer.Ordinal),
            Targets = [.. taken.Targets.Select(target => target.cpu())],
        };
        var outputs = model.Entry.FileSha256 is null ? Guarded("model", model, "cannot run", () => network.Forward(batch)) : CheckOutputs(model, network, tasks, batch);
        foreach (var (task, output, target) in benchmark.Tasks.Zip(outputs.Tasks, batch.Targets))
        {
            var prediction = output.Prediction;
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

        return new ModelFacts(
            outputs.Representation is not null,
            outputs.Tasks.All(task => task.Representation is not null),
            network.Module.Taps.Count > 0,
            network.Module.LastSharedLayer.Count > 0,
            batch.Rows is not null);
    }

    /// <summary>Runs a plugin's network: its taps and predictions must have the shapes it has declared.</summary>
    private static NetworkOutputs CheckOutputs(Component component, Network network, IReadOnlyList<TaskInfo> tasks, Batch batch)
    {
        var outputs = Guarded("model", component, "cannot run", () => network.Forward(batch));
        foreach (var (i, output) in outputs.Tasks.Index())
        {
            var (task, samples) = (tasks[i], batch.Rows?[i].Count ?? batch.Count);
            if (output.Prediction is var prediction && task.Kind != TaskKind.Objective && (prediction.ndim < 2 || prediction.shape[0] != samples || prediction.shape[1] != task.Outputs))
                throw Fault("model", component, $"predicts {Shown(prediction.shape)} of {samples} {(samples == 1 ? "sample" : "samples")} for the task `{task.Id}`; it must be [{samples}, {task.Outputs}, …]");
            foreach (var tap in network.Module.Taps)
            {
                if (!output.Taps.TryGetValue(tap.Name, out var map))
                    throw Fault("model", component, $"declares the tap `{tap.Name}`, but its forward pass gives only {string.Join(", ", output.Taps.Keys)}");
                if (!Fits(map.shape[1..], tap.Shape))
                    throw Fault("model", component, $"declares the tap `{tap.Name}` as {Shown(tap.Shape)}, but its forward pass gives {Shown(map.shape[1..])}; declare what it gives");
            }
        }

        return outputs;
    }

    /// <summary>Whether a shape is as declared, with −1 for any length.</summary>
    private static bool Fits(IReadOnlyList<long> shape, IReadOnlyList<long> declared) =>
        shape.Count == declared.Count && shape.Zip(declared).All(axis => axis.Second == -1 || axis.First == axis.Second);

    private static void CheckSample(Component component, IBenchmark benchmark, Split split, string name, Device device)
    {
        using var scope = NewDisposeScope();
        if (split.Count < 1)
            throw Fault("benchmark", component, $"has an empty {name} split");
        var batch = Guarded("benchmark", component, $"cannot give a {name} sample", () => split.Take(Samples.Of([0], device)));
        foreach (var input in benchmark.Inputs)
        {
            if (!batch.Inputs.TryGetValue(input.Name, out var tensor))
                throw Fault("benchmark", component, $"gives no {name} input `{input.Name}`, which its Inputs declare; it gives {string.Join(", ", batch.Inputs.Keys)}");
            if (tensor.dtype != input.Dtype || !Fits(tensor.shape, input.Shape))
                throw Fault("benchmark", component, $"gives the {name} input `{input.Name}` as {Shown(tensor.shape)} of {tensor.dtype}; its Inputs declare {input}");
        }

        if (batch.Inputs.Keys.Except(benchmark.Inputs.Select(input => input.Name), StringComparer.Ordinal).FirstOrDefault() is { } more)
            throw Fault("benchmark", component, $"gives a {name} input `{more}` that its Inputs do not declare");
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
