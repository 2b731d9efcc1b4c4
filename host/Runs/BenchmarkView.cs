using static TorchSharp.torch;

namespace KdMtlBench.Host.Runs;

/// <summary>Less of a benchmark than there is. Its data are a view of the whole's, which all views share.</summary>
internal abstract class BenchmarkView(IBenchmark whole) : IBenchmark
{
    public virtual IReadOnlyList<LearningTask> Tasks => whole.Tasks;

    public IReadOnlyList<InputInfo> Inputs => whole.Inputs;

    public BenchmarkData Load(DataContext context)
    {
        var data = whole.Load(context);
        try
        {
            return Narrow(data, context.Device);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>The view of data that are loaded already, of the benchmark that has no view before it; disposing it disposes them.</summary>
    /// <exception cref="InputException">The benchmark cannot be viewed so.</exception>
    public BenchmarkData Of(BenchmarkData data, Device device) => Narrow(whole is BenchmarkView inner ? inner.Of(data, device) : data, device);

    /// <summary>This view of the data of <c>whole</c>.</summary>
    protected abstract BenchmarkData Narrow(BenchmarkData data, Device device);
}
