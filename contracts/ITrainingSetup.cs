using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>What a strategy learns about its run before the first step, and where it registers its own state.</summary>
public interface ITrainingSetup
{
    /// <summary>The tasks, in the order of every [tasks] tensor.</summary>
    IReadOnlyList<TaskInfo> Tasks { get; }

    /// <summary>Where the network and its data are.</summary>
    Device Device { get; }

    /// <summary>The type of losses and gradients: float32, or float64 for a run that trains in it. A strategy's own state usually has it
    /// too.</summary>
    ScalarType Dtype { get; }

    /// <summary>The model's feature taps, from input to output.</summary>
    IReadOnlyList<FeatureTap> Taps { get; }

    /// <summary>Number of trainable scalars that the tasks share.</summary>
    long SharedParameterCount { get; }

    /// <summary>Columns of <see cref="TaskGradients.Rows"/> at the shared parameters: <see cref="SharedParameterCount"/> and
    /// padding that stays zero. Use it for state that has the gradients' shape.</summary>
    long SharedGradientLength { get; }

    /// <summary>The model's own initial learning rate.</summary>
    double LearningRate { get; }

    /// <summary>Epochs of the whole run.</summary>
    int Epochs { get; }

    /// <summary>Steps of the whole run.</summary>
    long Steps { get; }

    /// <summary>A random source that depends on the run's seed only; for use during initialisation. Steps have their own
    /// (<see cref="ITrainingStep.Random"/>), which a resumed run repeats.</summary>
    Random Random { get; }

    /// <summary>Registers a module of the strategy's own: moved to the device, optimised by Adam, stored in checkpoints, disposed
    /// when the run ends.</summary>
    /// <param name="module">The host takes ownership of it.</param>
    /// <param name="learningRate">The learning rate of its own Adam optimiser; constant unless the sweep sets
    /// <c>follow-schedule</c>.</param>
    /// <param name="weightDecay">Adam's L2 weight decay.</param>
    void AddModule(nn.Module module, double learningRate, double weightDecay = 0);

    /// <summary>Registers a parameter of the strategy's own, as <see cref="AddModule"/> does a module.</summary>
    /// <param name="initial">Its first value; copied.</param>
    /// <param name="learningRate">The learning rate of its own Adam optimiser; constant unless the sweep sets
    /// <c>follow-schedule</c>.</param>
    /// <param name="weightDecay">Adam's L2 weight decay; usually 0 for loss weights.</param>
    Parameter AddParameter(Tensor initial, double learningRate, double weightDecay = 0);

    /// <summary>Registers a parameter of the strategy's own that has one entry per task. In a step in which a task has no label it holds
    /// the entries of the others, in the order of <see cref="ITrainingStep.Tasks"/>, and that task's entry does not change.</summary>
    /// <param name="initial">[tasks, …] its first value; copied.</param>
    /// <param name="learningRate">The learning rate of its own Adam optimiser; constant unless the sweep sets
    /// <c>follow-schedule</c>.</param>
    /// <param name="weightDecay">Adam's L2 weight decay; usually 0 for loss weights.</param>
    Parameter AddTaskParameter(Tensor initial, double learningRate, double weightDecay = 0);

    /// <summary>Registers a buffer that has one entry per task, and is narrowed to the tasks of a step as <see cref="AddTaskParameter"/>
    /// describes. Do not keep a view of it from step to step.</summary>
    /// <param name="name">Unique in this strategy.</param>
    /// <param name="initial">[tasks, …], or [tasks, tasks] for one entry per pair of tasks; copied to the device, its type kept.</param>
    /// <param name="pairs">Whether it has one entry per pair of tasks.</param>
    /// <returns>The tensor to read and to update in place.</returns>
    Tensor AddTaskBuffer(string name, Tensor initial, bool pairs = false);

    /// <summary>Registers a buffer: state that is updated in place (moving averages, momenta) and stored in checkpoints.</summary>
    /// <param name="name">Unique in this strategy.</param>
    /// <param name="initial">Its first value; copied to the device, its type kept.</param>
    /// <returns>The tensor to read and to update in place.</returns>
    Tensor AddBuffer(string name, Tensor initial);
}
