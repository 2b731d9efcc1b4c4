using KdMtlBench.Host.Storage;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>What a network makes of the first test pictures, beside the truth: <c>pictures.safetensors</c> for the report.</summary>
/// <remarks>Of tasks with a value a pixel; where there is none, no file. Every few pixels of large pictures.</remarks>
internal static class TestPictures
{
    public const string Input = "input";
    public const string Truth = ".truth";
    public const string Prediction = ".prediction";
    public const string Classes = ".classes";
    public const string Unit = ".unit";

    /// <summary>Of pictures.</summary>
    public const int Count = 3;

    private const int WidestPixels = 128;

    /// <summary>Writes the file, with the network's parameters as they are.</summary>
    public static void Write(string path, RunContext run)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        run.Network.TrainMode(false);
        var batch = run.Take(run.Data.Test, Samples.Range(0, Math.Min(Count, run.Data.Test.Count), run.Device));
        if (batch.Inputs.Count != 1 || batch.Inputs.Values.Single() is not { ndim: 4 } images || batch.Rows is not null || batch.Labelled is not null)
            return;
        var predictions = run.Network.Predict(batch);
        var (height, width) = (images.shape[2], images.shape[3]);
        var dense = run.Tasks.Index().Where(task => batch.Targets[task.Index].dim() >= 3 && batch.Targets[task.Index].shape[^1] == width && batch.Targets[task.Index].shape[^2] == height).ToList();
        if (dense.Count == 0)
            return;
        var every = (int)((width + WidestPixels - 1) / WidestPixels);
        var tensors = new List<(string, Tensor)> { (Input, Thin(Bytes(images))) };
        var words = new Dictionary<string, string>(StringComparer.Ordinal) { ["run"] = run.Spec.Id };
        foreach (var (i, task) in dense)
        {
            words.Add(task.Id, task.Kind.ToString());
            words.Add(task.Id + Classes, string.Join(',', task.OutputNames));
            words.Add(task.Id + Unit, task.Metrics[0].Unit);
            tensors.Add((task.Id + Truth, Thin(Values(batch.Targets[i], task.Kind, isPrediction: false))));
            tensors.Add((task.Id + Prediction, Thin(Values(predictions[i], task.Kind, isPrediction: true))));
        }

        TensorFile.Write(path, words, tensors);
        return;

        Tensor Thin(Tensor pictures) => every == 1 ? pictures : pictures[TensorIndex.Ellipsis, TensorIndex.Slice(step: every), TensorIndex.Slice(step: every)];
    }

    /// <summary>[pictures, 3, height, width]; inputs beyond 0 to 1 are scaled to fit.</summary>
    private static Tensor Bytes(Tensor inputs)
    {
        var (low, high) = (inputs.min().clamp(max: 0), inputs.max().clamp(min: 1));
        var bytes = ((inputs - low) / (high - low) * 255).round().to(ScalarType.Byte);
        return bytes.shape[1] == 3 ? bytes : bytes.narrow(1, 0, 1).expand(-1, 3, -1, -1);
    }

    /// <summary>Classes [pictures, height, width] int16, else [pictures, channels, height, width] float16.</summary>
    private static Tensor Values(Tensor values, TaskKind kind, bool isPrediction) => kind switch
    {
        TaskKind.Classification => (isPrediction ? values.max(1).indexes : values).to(ScalarType.Int16),
        TaskKind.Directions when isPrediction => nn.functional.normalize(values, 2, 1).to(ScalarType.Float16),
        _ => values.to(ScalarType.Float16),
    };
}
