using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Networks;

/// <summary>An exponential moving average of a network's parameters and batch-norm statistics, which validation and test see in the
/// network's place; training goes on with the network itself.</summary>
/// <remarks>Polyak &amp; Juditsky, SIAM J. Control and Optimization 1992, in the exponential form of Tarvainen &amp; Valpola, NeurIPS 2017,
/// with their ramp-up: until late in training a high decay would hold on to the first values.</remarks>
/// <param name="network">Whose; the average begins as it is.</param>
/// <param name="decay">Of the average a step, once it has ramped up.</param>
internal sealed class WeightAverage(Network network, double decay) : IDisposable
{
    /// <summary>In the order of <see cref="Network.StateTensors"/>.</summary>
    public IReadOnlyList<Tensor> State { get; } = network.State();

    /// <summary>Takes the network in as a step has left it.</summary>
    /// <param name="step">From 0.</param>
    public void Update(long step)
    {
        using var noGradient = no_grad();
        var share = 1 - Math.Min(decay, (1.0 + step) / (10 + step));
        foreach (var (average, current) in State.Zip(network.StateTensors))
            if (average.is_floating_point())
                average.lerp_(current, share);
            else
                average.copy_(current);
    }

    /// <summary>Puts the average in the network's place until what is returned is disposed.</summary>
    public IDisposable InNetwork()
    {
        var own = network.State();
        network.Restore(State);
        return new Back(network, own);
    }

    public void Dispose()
    {
        foreach (var tensor in State)
            tensor.Dispose();
    }

    private sealed class Back(Network network, IReadOnlyList<Tensor> own) : IDisposable
    {
        public void Dispose()
        {
            network.Restore(own);
            foreach (var tensor in own)
                tensor.Dispose();
        }
    }
}
