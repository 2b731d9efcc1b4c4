using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training.Networks;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Strategies;

/// <summary>The step under way: from the tasks' losses, through the list of strategies, to a gradient in every parameter; one
/// instance serves a whole run.</summary>
internal sealed class TrainingStep(RunContext run, EpochLog log) : IDisposable
{
    private readonly GradientRowsPool _rows = new(run.Network.Flat, run.Device);
    private readonly IReadOnlyList<TaskInfo> _all = [.. run.Tasks.Select(task => task.Info)];
    private readonly Dictionary<int, Random> _random = [];
    private readonly Backpropagation _back = new();
    private StrategyStep[] _views = [];

    public RunContext Run => run;

    public EpochLog Log => log;

    public long Index { get; private set; } = -1;

    public int Epoch { get; private set; }

    public double Progress => (double)Index / run.Steps;

    /// <summary>Of the step's own batch.</summary>
    public ForwardPass Pass { get; private set; } = null!;

    /// <summary>Backward passes through the trunk since the run began.</summary>
    public long BackwardPasses { get; private set; }

    public SolverFailures SolverFailures { get; } = new();

    /// <summary>Takes over the count of an earlier process.</summary>
    public void Restore(long backwardPasses) => BackwardPasses = backwardPasses;

    public void CountBackwardPass() => BackwardPasses++;

    /// <summary>The tasks of the step: those with a label in the batch.</summary>
    public IReadOnlyList<TaskInfo> Present { get; private set; } = [];

    /// <summary>Makes the forward pass of a batch.</summary>
    /// <returns>False where no task has a label: there is nothing to learn from.</returns>
    public bool Begin(long index, int epoch, Batch batch)
    {
        (Index, Epoch) = (index, epoch);
        _random.Clear();
        _rows.Reset();
        long[] labels = [.. batch.Targets.Select(target => target.shape[0])];
        int[] present = [.. Enumerable.Range(0, labels.Length).Where(task => labels[task] > 0)];
        log.Begin((int)(index - (long)epoch * run.StepsPerEpoch), labels);
        if (present.Length == 0)
            return false;
        Present = present.Length == run.Tasks.Count ? _all : [.. present.Select(task => _all[task])];
        _back.Begin();
        Pass = _back.Through(new ForwardPass(run, batch, present));
        log.RecordLosses(0, Pass.Losses);
        return true;
    }

    /// <summary>Leaves a gradient in every parameter.</summary>
    public void Backward()
    {
        var objectives = Objectives();
        if (run.Strategies.LastOrDefault() is not GradientStrategy strategy)
        {
            Backward(stack(objectives).sum());
            run.GradientOptions.Apply(run.Network, Pass.Present, null);
            return;
        }

        var place = run.Strategies.Count - 1;
        var gradients = new StepGradients(this, place, objectives, strategy.At);
        strategy.Combine(_views[place], gradients);
        if (!gradients.Applied)
            throw new InvalidOperationException($"`{run.StrategyId(place)}` applies neither weights nor a direction");
        run.GradientOptions.Apply(run.Network, Pass.Present, gradients.AppliedWeights);
    }

    /// <summary>Adds a scalar's gradient to every parameter that it depends on.</summary>
    public void Backward(Tensor scalar)
    {
        _back.Backward([scalar]);
        run.Network.Flat.Collect();
        CountBackwardPass();
    }

    /// <summary>Adds the gradients of some roots to the shared parameters alone.</summary>
    /// <param name="roots">Scalars, or with <paramref name="gradients"/> any tensors.</param>
    /// <param name="gradients">One a root, of its shape.</param>
    public void BackwardThroughShared(IList<Tensor> roots, IList<Tensor>? gradients = null)
    {
        _back.Backward(roots, gradients, run.SharedParameters);
        run.Network.Flat.Collect();
        CountBackwardPass();
    }

    /// <summary>A scalar's gradients at the representation and, behind it, for some parameters; null where it does not depend on something.</summary>
    public IReadOnlyList<Tensor?> GradientsAtRepresentation(Tensor scalar, IReadOnlyList<Tensor> parameters) => _back.Gradients(scalar, parameters, Pass);

    /// <summary>After the optimisers' step.</summary>
    public void AfterStep()
    {
        foreach (var (strategy, view) in run.Strategies.Zip(_views))
            strategy.AfterStep(view);
    }

    /// <summary>What the strategy at a place receives of another pass than the step's own.</summary>
    public IReadOnlyList<Tensor> ReceivedBy(int place, ForwardPass pass)
    {
        var losses = pass.Losses;
        for (var i = 0; i < place; i++)
            losses = run.Strategies[i].Objectives(new StrategyStep(this, i, pass, losses), losses);
        return losses;
    }

    /// <summary>A forward pass beside the step's own, after which batch-norm statistics are put back.</summary>
    public ForwardPass PassAside(Batch batch)
    {
        run.Network.KeepStatistics();
        return _back.Through(new ForwardPass(run, batch, Pass.Present));
    }

    /// <summary>A source of its own for each strategy; the last one's is the same whatever stands before it.</summary>
    public Random RandomOf(int place)
    {
        if (!_random.TryGetValue(place, out var random))
            _random[place] = random = Randomness.Source(run.Spec.Seed, place == run.Strategies.Count - 1 ? "step" : $"step-{place}", Index);
        return random;
    }

    /// <summary>Each scalar's gradient at the shared parameters; heads and strategies' own parameters accumulate theirs.</summary>
    public Tensor SharedRows(IReadOnlyList<Tensor> scalars) => Rows(scalars, Backward);

    /// <summary>Each scalar's gradient at the shared parameters and nothing else.</summary>
    public Tensor GradientsOf(IReadOnlyList<Tensor> scalars) => Rows(scalars, scalar => BackwardThroughShared([scalar]));

    /// <summary>The same on a graph.</summary>
    public Tensor DifferentiableGradientsOf(IReadOnlyList<Tensor> scalars) => stack(scalars.Select(scalar =>
    {
        CountBackwardPass();
        return run.Network.Flat.SharedRow(_back.DifferentiableGradients(scalar, run.SharedParameters));
    }));

    /// <summary>Gradients of what the strategy at a place receives, with the shared parameters moved for that long.</summary>
    public Tensor GradientsAt(int place, Tensor offset)
    {
        var flat = run.Network.Flat;
        var shared = flat.Values.detach().narrow(0, 0, flat.SharedLength);
        var own = shared.clone();
        try
        {
            using (no_grad())
                shared.add_(offset);
            flat.ValuesChanged();
            return GradientsOf(ReceivedBy(place, PassAside(Pass.Batch)));
        }
        finally
        {
            using (no_grad())
                shared.copy_(own); // bit for bit: the step's own graph is still to be gone back through
            flat.ValuesChanged();
        }
    }

    /// <summary>Gradients with respect to the last shared layer, [scalars, its parameters].</summary>
    public Tensor LastLayerGradients(IReadOnlyList<Tensor> scalars)
    {
        var layer = run.Network.Module.LastSharedLayer.Cast<Tensor>().ToList();
        if (layer.Count == 0) // of which autograd makes the end of the process
            throw new InvalidOperationException($"the model `{run.Spec.Model.Entry.Id}` names no last shared layer");
        return stack(scalars.Select(scalar => cat([.. _back.Gradients(scalar, layer).Zip(layer, FlatOrZero)])));
    }

    /// <summary>A gradient in one row; zeros where there is none.</summary>
    public Tensor FlatOrZero(Tensor? gradient, Tensor input) => gradient is null
        ? zeros(input.numel(), dtype: run.Network.Flat.Dtype, device: input.device)
        : gradient.flatten().to(run.Network.Flat.Dtype);

    public void Dispose() => _rows.Dispose();

    /// <summary>Applies the list of strategies to the tasks' losses.</summary>
    private IReadOnlyList<Tensor> Objectives()
    {
        _views = new StrategyStep[run.Strategies.Count];
        var losses = Pass.Losses;
        foreach (var (place, strategy) in run.Strategies.Index())
        {
            if (place > 0)
                log.RecordLosses(place, losses);
            _views[place] = new StrategyStep(this, place, Pass, losses);
            losses = Checked(place, strategy.Objectives(_views[place], losses));
        }

        return losses;
    }

    /// <summary>autograd ends the process over a scalar without a graph, so that it is looked for here.</summary>
    private IReadOnlyList<Tensor> Checked(int place, IReadOnlyList<Tensor> objectives)
    {
        if (objectives.Count != Present.Count)
            throw new InvalidOperationException($"`{run.StrategyId(place)}` returns {objectives.Count} objectives for {Present.Count} tasks");
        foreach (var (objective, task) in objectives.Zip(Present))
            if (objective.numel() != 1 || !objective.requires_grad)
                throw new InvalidOperationException($"`{run.StrategyId(place)}` returns an objective of task `{task.Id}` that is {(objective.numel() != 1 ? "no scalar" : "detached from the network")}");
        return objectives;
    }

    private Tensor Rows(IReadOnlyList<Tensor> scalars, Action<Tensor> backward)
    {
        var rows = _rows.Take(scalars.Count);
        var taken = rows.Count == scalars.Count ? rows.Rows : rows.Rows.narrow(0, 0, scalars.Count);
        using (no_grad())
            taken.zero_();
        foreach (var (i, scalar) in scalars.Index())
        {
            var (row, views) = rows.Of(i);
            run.Network.Flat.Redirect(row, views);
            backward(scalar);
        }

        run.Network.Flat.RedirectBack();
        return taken;
    }
}
