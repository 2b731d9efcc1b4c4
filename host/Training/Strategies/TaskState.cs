using KdMtlBench.Host.Training.Networks;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Strategies;

/// <summary>State of a strategy with one entry a task, or one a pair of tasks. In a step that lacks a task, the strategy's tensor holds
/// the entries of the tasks that are there, and the others stand still.</summary>
/// <remarks>The tensor is pointed at a copy of those entries, and back when the step is over: a strategy's formula is the same whoever
/// is there.</remarks>
/// <param name="live">What the strategy holds.</param>
/// <param name="pairs">Whether it has one entry a pair of tasks.</param>
internal sealed class TaskState(Tensor live, bool pairs = false) : IDisposable
{
    private readonly Tensor _all = live.detach().DetachFromDisposeScope(); // the same memory
    private Tensor? _present;

    /// <summary>A step of some tasks begins.</summary>
    /// <param name="present">[tasks of the step] int64, their positions.</param>
    public void Narrow(Tensor present)
    {
        using var noGradient = no_grad();
        var entries = _all.index_select(0, present);
        live.set_(pairs ? entries.index_select(1, present) : entries);
        _present = present;
    }

    /// <summary>The step is over, if it was one of some tasks.</summary>
    public void Widen()
    {
        if (_present is null)
            return;
        using var noGradient = no_grad();
        if (pairs)
        {
            var rows = _all.index_select(0, _present);
            rows.index_copy_(1, _present, live);
            _all.index_copy_(0, _present, rows);
        }
        else
            _all.index_copy_(0, _present, live);
        live.set_(_all);
        _present = null;
    }

    /// <summary>Steps the parameter by its optimiser; entries of absent tasks, and their moments, stay as they were.</summary>
    public void Step(optim.Optimizer optimizer)
    {
        if (_present is not { } present || live.grad is not { } gradient)
        {
            optimizer.step();
            return;
        }

        using var noGradient = no_grad();
        Widen();
        live.grad = zeros_like(live).detach().index_copy_(0, present, gradient);
        Tensor[] changed = [_all, .. OptimizerMemory.Tensors(optimizer).Select(moment => moment.Values)];
        Tensor[] before = [.. changed.Select(values => values.clone())];
        optimizer.step();
        foreach (var (values, old) in changed.Zip(before))
        {
            var stepped = values.index_select(0, present);
            values.copy_(old).index_copy_(0, present, stepped);
        }

        Narrow(present);
    }

    public void Dispose() => _all.Dispose();
}
