using KdMtlBench.Host.Runs;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Networks;

/// <summary>First values of dense and convolutional layers by a rule of the sweep's, in place of the model's own.</summary>
/// <remarks>Normalisation layers, embeddings and parameters of a model's own keep what the model gave them.</remarks>
internal static class InitialWeights
{
    /// <summary>Draws the weights of a network again, layer by layer, and makes the biases 0.</summary>
    /// <param name="module">The network; torch's generator is seeded and held by the caller.</param>
    /// <param name="rule">By which.</param>
    public static void Draw(nn.Module module, Initialisation rule)
    {
        if (rule == Initialisation.Model)
            return;
        using var noGradient = no_grad();
        foreach (var (weight, bias) in module.modules().Distinct<nn.Module>(ReferenceEqualityComparer.Instance).Select(Parameters).OfType<(Parameter, Parameter?)>())
        {
            Draw(weight, rule);
            bias?.zero_();
        }
    }

    private static (Parameter Weight, Parameter? Bias)? Parameters(nn.Module layer) => layer switch
    {
        Linear dense => (dense.weight, dense.bias),
        Conv1d convolution => (convolution.weight, convolution.bias),
        Conv2d convolution => (convolution.weight, convolution.bias),
        Conv3d convolution => (convolution.weight, convolution.bias),
        ConvTranspose2d convolution => (convolution.weight, convolution.bias),
        _ => null,
    };

    private static Tensor Draw(Tensor weight, Initialisation rule) => rule switch
    {
        Initialisation.XavierNormal => nn.init.xavier_normal_(weight),
        Initialisation.XavierUniform => nn.init.xavier_uniform_(weight),
        Initialisation.KaimingNormal => nn.init.kaiming_normal_(weight, nonlinearity: nn.init.NonlinearityType.ReLU),
        Initialisation.KaimingUniform => nn.init.kaiming_uniform_(weight, nonlinearity: nn.init.NonlinearityType.ReLU),
        Initialisation.Orthogonal => nn.init.orthogonal_(weight),
        _ => throw new ArgumentOutOfRangeException(nameof(rule)),
    };
}
