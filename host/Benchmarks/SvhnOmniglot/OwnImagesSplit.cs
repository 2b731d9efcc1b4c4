using KdMtlBench.Host.Benchmarks.Pictures;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.SvhnOmniglot;

/// <summary>Square pictures of one task, with a class each.</summary>
/// <param name="Pictures">[count, channels, side, side] uint8.</param>
/// <param name="Classes">[count] int64.</param>
internal sealed record ClassifiedPictures(Tensor Pictures, Tensor Classes)
{
    public long Count => Classes.shape[0];

    /// <summary>Out of every dispose scope, on this device.</summary>
    public ClassifiedPictures KeptOn(Device device) =>
        new(Pictures.to(device).DetachFromDisposeScope(), Classes.to(device).DetachFromDisposeScope());
}

/// <summary>Each task has pictures of its own: a batch holds as many of each task, one task after the other.</summary>
/// <param name="tasks">The tasks' pictures; the split's to dispose.</param>
/// <param name="channels">Grey pictures are repeated to so many.</param>
/// <param name="side">Of the pictures in a batch, in pixels.</param>
/// <param name="margin">The pictures are resized to side + margin, then cut: in the middle, or at random to learn from.</param>
/// <param name="augmented">Cut at random to learn from.</param>
internal sealed class OwnImagesSplit(IReadOnlyList<ClassifiedPictures> tasks, int channels, int side, int margin, bool augmented) : Split
{
    public IReadOnlyList<ClassifiedPictures> Tasks => tasks;

    public override long Count { get; } = tasks.Max(task => task.Count);

    /// <summary>Of a task with fewer pictures only those that it has: a pass through the split shows each picture once.</summary>
    public override Batch Take(Samples samples)
    {
        using var scope = NewDisposeScope();
        return Compose(task => Own(samples, task), _ => (margin / 2, margin / 2));
    }

    /// <summary>Goes through the pictures of a smaller task again and again.</summary>
    public override Batch Draw(Samples samples, Random random)
    {
        using var scope = NewDisposeScope();
        return Compose(
            task => samples.Indices.remainder(task.Count),
            _ => augmented ? (random.Next(margin + 1), random.Next(margin + 1)) : (margin / 2, margin / 2));
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var (pictures, classes) in tasks)
        {
            pictures.Dispose();
            classes.Dispose();
        }
    }

    private static Tensor Own(Samples samples, ClassifiedPictures task)
    {
        long[] numbers = [.. samples.Numbers.ToArray().Where(number => number < task.Count)];
        return numbers.Length == samples.Count ? samples.Indices : tensor(numbers, device: samples.Indices.device);
    }

    private Batch Compose(Func<ClassifiedPictures, Tensor> samplesOf, Func<int, (int Top, int Left)> place)
    {
        var (parts, targets, rows) = (new List<Tensor>(), new List<Tensor>(), new List<(long Start, long Count)>());
        foreach (var task in tasks)
        {
            var own = samplesOf(task);
            parts.Add(Cut(task.Pictures.index_select(0, own), place));
            targets.Add(task.Classes.index_select(0, own).MoveToOuterDisposeScope());
            rows.Add((rows.Sum(row => row.Count), own.shape[0]));
        }

        return new Batch("image", cat(parts).MoveToOuterDisposeScope(), targets, rows);
    }

    private Tensor Cut(Tensor pictures, Func<int, (int Top, int Left)> place)
    {
        var (count, stored) = (pictures.shape[0], pictures.shape[2]);
        var floats = pictures.to(ScalarType.Float32).div_(255);
        if (count == 0)
            return zeros([0, channels, side, side], device: pictures.device);
        var scale = (double)stored / (side + margin);
        var cuts = Enumerable.Range(0, (int)count).Select(place)
            .Select(at => new Cut(at.Top * scale, at.Left * scale, side * scale, side * scale)).ToList();
        return Cutting.Smooth(floats, cuts, side, side).expand(-1, channels, -1, -1);
    }
}
