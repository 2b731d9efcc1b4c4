using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Networks;

/// <summary>What an optimiser carries from step to step: moments or momenta, and how many steps each parameter has made.</summary>
/// <remarks>TorchSharp's own files hold them in a format of its own; here they are tensors like all others.</remarks>
internal static class OptimizerMemory
{
    /// <summary>The moments themselves, to be read or written in place.</summary>
    public static IReadOnlyList<(string Name, Tensor Values)> Tensors(optim.Optimizer optimizer) =>
        [.. States(optimizer).SelectMany((state, i) => Moments(state.State, state.Parameter).Select(moment => ($"{i}.{moment.Name}", moment.Values)))];

    /// <summary>Steps made by each parameter.</summary>
    public static long[] Steps(optim.Optimizer optimizer) => [.. States(optimizer).Select(state => state.State switch
    {
        Adam.State adam => adam.step,
        AdamW.State adam => adam.step,
        _ => 0,
    })];

    /// <summary>Takes the numbers of steps over.</summary>
    public static void SetSteps(optim.Optimizer optimizer, IReadOnlyList<long> steps)
    {
        foreach (var ((_, state), count) in States(optimizer).Zip(steps))
        {
            switch (state)
            {
                case Adam.State adam:
                    adam.step = count;
                    break;
                case AdamW.State adam:
                    adam.step = count;
                    break;
            }
        }
    }

    private static IEnumerable<(Parameter Parameter, OptimizerState State)> States(optim.Optimizer optimizer) =>
        optimizer.parameters().Zip(((OptimizerHelper)optimizer).state_dict().State);

    private static IReadOnlyList<(string Name, Tensor Values)> Moments(OptimizerState state, Parameter parameter) => state switch
    {
        Adam.State adam => [("first-moment", adam.exp_avg), ("second-moment", adam.exp_avg_sq)],
        AdamW.State adam => [("first-moment", adam.exp_avg), ("second-moment", adam.exp_avg_sq)],

        // Made by the first step; zeros before it lead to the same first step.
        SGD.State sgd => [("momentum", sgd.momentum_buffer ??= zeros_like(parameter).DetachFromDisposeScope())],
        _ => throw new ArgumentException($"what {state.GetType()} carries from step to step is not known here", nameof(state)),
    };
}
