namespace KdMtlBench.Host.Formats;

/// <summary>What readers say about bad files, always the same way: the file, the place in it, the fault, what to do.</summary>
internal static class Faults
{
    private const string Advice = "; put the original file in its place";

    /// <param name="path">The file.</param>
    /// <param name="offset">In the file, or in what it holds once unpacked, where the fault says so.</param>
    /// <param name="fault">What is wrong there.</param>
    public static InputException At(string path, long offset, string fault) => new($"{path}: byte {offset}: {fault}{Advice}");

    public static InputException In(string path, string fault) => new($"{path}: {fault}{Advice}");

    /// <summary>Runs a reader; what the system or a decompressor throws becomes an <see cref="InputException"/>.</summary>
    public static T Guarded<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            throw In(path, $"damaged ({e.Message})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read ({e.Message}); check that it is a file and that you may read it");
        }
    }
}
