using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>What a strategy learns about its run before the first step, and where it leaves its own state.</summary>
public interface ITrainingSetup
{
    /// <summary>The tasks, in the order of every [tasks] tensor.</summary>
    IReadOnlyList<TaskInfo> Tasks { get; }

    /// <summary>Where the network and its data are.</summary>
    Device Device { get; }

    /// <summary>The model's feature taps, from input to output.</summary>
    IReadOnlyList<FeatureTap> Taps { get; }

    /// <summary>Number of trainable scalars shared by all tasks.</summary>
    long SharedParameterCount { get; }

    /// <summary>Columns of a Jacobian at <see cref="GradientPoint.SharedParameters"/>: <see cref="SharedParameterCount"/> and
    /// gaps that stay zero. For states that are kept in the gradients' shape.</summary>
    long SharedGradientLength { get; }

    /// <summary>The model's own initial learning rate.</summary>
    double LearningRate { get; }

    /// <summary>Epochs of the whole run.</summary>
    int Epochs { get; }

    /// <summary>Steps of the whole run.</summary>
    long Steps { get; }

    /// <summary>A random source that depends on the run's seed only; for use while attaching. Steps have their own
    /// (<see cref="ITrainingStep.Random"/>), which a resumed run repeats.</summary>
    Random Random { get; }

    /// <summary>Takes a module of the strategy's own into training: moved to the device, optimised by Adam, kept in
    /// checkpoints, dropped when the run ends.</summary>
    void Train(nn.Module module, double learningRate, double weightDecay = 0);

    /// <summary>Takes a parameter of the strategy's own into training, as <see cref="Train(nn.Module, double, double)"/> does.</summary>
    /// <param name="initial">Its first value; copied.</param>
    /// <param name="learningRate">Of its own Adam; constant over the run.</param>
    /// <param name="weightDecay">Usually 0 for weights of losses.</param>
    Parameter Train(Tensor initial, double learningRate, double weightDecay = 0);

    /// <summary>Keeps a state that is updated in place (moving averages, momenta) over steps and in checkpoints.</summary>
    /// <param name="name">Unique in this strategy.</param>
    /// <param name="initial">Its first value; copied to the device.</param>
    /// <returns>The tensor to read and to update in place.</returns>
    Tensor Keep(string name, Tensor initial);
}
