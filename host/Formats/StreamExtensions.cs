namespace KdMtlBench.Host.Formats;

internal static class StreamExtensions
{
    private const int FirstBuffer = 1 << 20;

    /// <summary>The next bytes; fewer only where the stream ends. The buffer grows with what the stream turns out to hold,
    /// so that a length that is only promised is never allocated.</summary>
    public static byte[] ReadUpTo(this Stream stream, int count)
    {
        var bytes = new byte[Math.Min(count, FirstBuffer)];
        var read = 0;
        while (true)
        {
            read += stream.ReadAtLeast(bytes.AsSpan(read), bytes.Length - read, throwOnEndOfStream: false);
            if (read < bytes.Length)
                return bytes[..read];
            if (read == count)
                return bytes;
            Array.Resize(ref bytes, (int)Math.Min(count, 2L * bytes.Length));
        }
    }
}
