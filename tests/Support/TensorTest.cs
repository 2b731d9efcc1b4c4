using TorchSharp;

namespace KdMtlBench.Tests.Support;

/// <summary>Keeps each test's tensors in a dispose scope: native code works on raw handles, and a temporary outside a
/// scope may be finalised under it, which ends the process.</summary>
public abstract class TensorTest : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    protected TensorTest() => set_num_threads(1); // small tensors, and whoever else uses the machine slows every barrier

    public virtual void Dispose()
    {
        _scope.Dispose();
        GC.SuppressFinalize(this);
    }
}
