using System.Net;
using System.Net.Http.Headers;

namespace KdMtlBench.Host.Downloads;

/// <summary>Gets a file over HTTP, going on where an earlier attempt ended.</summary>
/// <remarks>What has come so far lies in <c>NAME.partial</c>, with the server's mark of that version (its ETag or date) in
/// <c>NAME.partial.version</c>, so that parts of two versions are never put together.</remarks>
internal sealed class Downloader(HttpClient client)
{
    private const int BufferBytes = 1 << 16;

    /// <summary>Attempts in a row that bring no new byte before it gives up.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Before the second attempt; doubled for each further one.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Without a byte for so long, a connection counts as broken.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Where an unfinished download lies.</summary>
    public static string PartialPath(string path) => path + ".partial";

    /// <summary>Brings the whole file to <see cref="PartialPath"/>; the caller looks at it and moves it into place.</summary>
    /// <param name="address">http or https.</param>
    /// <param name="path">Where the file will be.</param>
    /// <param name="progress">Told the bytes that are there and, where the server says so, all bytes.</param>
    /// <param name="cancellation">Ctrl-C; what is there stays.</param>
    /// <exception cref="InputException">The server refuses, or the connection breaks again and again.</exception>
    public async Task FetchAsync(Uri address, string path, Action<long, long?> progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var partial = new PartialFile(PartialPath(path));
        var (pause, failures) = (Pause, 0);
        while (true)
        {
            var before = partial.Length;
            try
            {
                await AttemptAsync(address, partial, progress, cancellation);
                return;
            }
            catch (Exception e) when (IsBroken(e, cancellation))
            {
                (pause, failures) = partial.Length > before ? (Pause, 1) : (pause, failures + 1);
                if (failures == Attempts)
                    throw new InputException($"{address}: {Reason(e)} after {partial.Length} bytes; run the same command again, it goes on from there");
                await Task.Delay(pause, cancellation);
                pause *= 2;
            }
        }
    }

    private async Task AttemptAsync(Uri address, PartialFile partial, Action<long, long?> progress, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        var have = partial.Length;
        if (have > 0)
        {
            request.Headers.Range = new RangeHeaderValue(have, null);
            if (partial.Version is { } version)
                request.Headers.TryAddWithoutValidation("If-Range", version);
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && response.Content.Headers.ContentRange?.Length == have)
            return;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && have > 0)
            throw Misfit(partial);
        if ((int)response.StatusCode >= 500)
            throw new HttpRequestException($"the server answers {(int)response.StatusCode} {response.ReasonPhrase}");
        if (!response.IsSuccessStatusCode)
            throw new InputException($"{address}: the server answers {(int)response.StatusCode} {response.ReasonPhrase}; get the file another way, or try again later");

        var start = response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.From : 0;
        if (start != 0 && start != have)
            throw Misfit(partial);
        var all = start + response.Content.Headers.ContentLength;
        await using var file = partial.Open(start.Value, VersionOf(response));
        await using var content = await response.Content.ReadAsStreamAsync(patience.Token);
        var buffer = new byte[BufferBytes];
        progress(file.Position, all);
        while (await content.ReadAsync(buffer, patience.Token) is > 0 and var count)
        {
            patience.CancelAfter(Patience);
            partial.Append(file, buffer.AsSpan(0, count));
            progress(file.Position, all);
        }

        if (file.Position != (all ?? file.Position))
            throw new HttpIOException(HttpRequestError.ResponseEnded);
    }

    private static HttpRequestException Misfit(PartialFile partial)
    {
        partial.Drop();
        return new HttpRequestException("the server sends another part than it was asked for");
    }

    /// <summary>A strong ETag, else the date; weak ETags do not promise the same bytes.</summary>
    private static string? VersionOf(HttpResponseMessage response) =>
        response.Headers.ETag is { IsWeak: false } tag ? tag.Tag : response.Content.Headers.LastModified?.ToString("r");

    private static bool IsBroken(Exception e, CancellationToken cancellation) =>
        e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested);

    private static string Reason(Exception e) => e switch
    {
        OperationCanceledException => "nothing more came",
        HttpRequestException { StatusCode: null, InnerException: { } inner } => $"cannot be reached ({inner.Message})",
        HttpIOException or IOException => "the connection broke off",
        _ => e.Message,
    };

    /// <summary>What has come of a file, and of which version.</summary>
    private sealed class PartialFile(string path)
    {
        private readonly string _versionPath = path + ".version";

        public long Length => File.Exists(path) ? new FileInfo(path).Length : 0;

        public string? Version => File.Exists(_versionPath) ? File.ReadAllText(_versionPath) : null;

        /// <summary>For appending at the start given; what lies behind it is cut off.</summary>
        public FileStream Open(long start, string? version)
        {
            try
            {
                if (start == 0)
                    Drop();
                if (version is not null)
                    File.WriteAllText(_versionPath, version);
                var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
                file.SetLength(start);
                file.Position = start;
                return file;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw CannotWrite(e);
            }
        }

        public void Append(FileStream file, ReadOnlySpan<byte> bytes)
        {
            try
            {
                file.Write(bytes);
            }
            catch (IOException e)
            {
                throw CannotWrite(e);
            }
        }

        public void Drop()
        {
            File.Delete(path);
            File.Delete(_versionPath);
        }

        private InputException CannotWrite(Exception e) =>
            new($"{path}: cannot be written ({e.Message}); make room or choose another folder by --data, then run the same command again");
    }
}
