using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Strategies;

/// <summary>Which samples of a split have which task's label. Known on the host, so that no step has to ask the device.</summary>
internal sealed class Labels
{
    private static readonly ConditionalWeakTable<Split, Labels> s_ofSplits = []; // all runs share their splits

    private readonly bool[]?[] _have; // [tasks][samples]; null for a task of which no label is missing

    private Labels(Split split, int tasks)
    {
        _have = new bool[]?[tasks];
        for (var task = 0; task < tasks; task++)
        {
            var labelled = new bool[split.Count];
            for (var sample = 0; sample < labelled.Length; sample++)
                labelled[sample] = split.HasLabel(sample, task);
            _have[task] = labelled.Contains(false) ? labelled : null;
        }
    }

    /// <summary>Of a split, which is asked once.</summary>
    public static Labels Of(Split split, int tasks) => s_ofSplits.GetValue(split, split => new Labels(split, tasks));

    /// <summary>Samples with a task's label; null for all.</summary>
    public long? CountOf(int task) => _have[task]?.LongCount(has => has);

    /// <summary>Whether some of the samples have a task's label.</summary>
    public bool Any(ReadOnlySpan<long> samples, int task)
    {
        if (_have[task] is not { } have)
            return true;
        foreach (var sample in samples)
            if (have[sample])
                return true;
        return false;
    }

    /// <summary>The batch with the targets of the samples that have a label, and nothing of the others.</summary>
    public Batch Narrow(Batch batch, Samples samples)
    {
        if (batch.Rows is not null || _have.All(have => have is null))
            return batch;
        var device = samples.Indices.device;
        Tensor?[] labelled = [.. _have.Select(have => have is null ? null : tensor(Positions(have, samples.Numbers.Span)).to(device))];
        return batch with
        {
            Labelled = labelled,
            Targets = [.. batch.Targets.Zip(labelled, (target, positions) => positions is null ? target : target.index_select(0, positions))],
        };
    }

    private static long[] Positions(bool[] have, ReadOnlySpan<long> samples)
    {
        var positions = new List<long>();
        for (var i = 0; i < samples.Length; i++)
            if (have[samples[i]])
                positions.Add(i);
        return [.. positions];
    }
}
