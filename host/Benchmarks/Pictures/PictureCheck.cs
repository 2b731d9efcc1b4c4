using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.Pictures;

/// <summary>Reads pictures only to see that they can be read, for <c>kdmtl data verify</c>.</summary>
internal static class PictureCheck
{
    /// <summary>Decodes every picture on all processors and keeps none.</summary>
    /// <returns>The source's description.</returns>
    /// <exception cref="InputException">A file is bad.</exception>
    public static string ReadAll(PictureSource source)
    {
        var firsts = Enumerable.Range(0, source.Count).Where(i => i % source.Together == 0);
        try
        {
            Parallel.ForEach(
                firsts,
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
                () => new Scratch(source),
                (first, _, scratch) =>
                {
                    scratch.Read(first);
                    return scratch;
                },
                scratch => scratch.Dispose());
        }
        catch (AggregateException e)
        {
            throw e.Flatten().InnerExceptions.OfType<InputException>().FirstOrDefault() ?? (Exception)e;
        }

        return source.Description;
    }

    /// <summary>One thread's reader and room for as many pictures as it reads at once.</summary>
    private sealed class Scratch(PictureSource source) : IDisposable
    {
        private readonly PictureReader _reader = source.OpenReader();
        private readonly List<Tensor[]> _pictures = [.. Enumerable.Range(0, source.Together).Select(_ => source.Fields.Select(field =>
            empty([field.Channels, source.Size.Height, source.Size.Width], dtype: field.Type).DetachFromDisposeScope()).ToArray())];

        public void Read(int first) => _reader.Read(first, [.. _pictures.Take(source.Count - first).Select(fields => new PictureRow(fields))]);

        public void Dispose()
        {
            _reader.Dispose();
            foreach (var field in _pictures.SelectMany(fields => fields))
                field.Dispose();
        }
    }
}
