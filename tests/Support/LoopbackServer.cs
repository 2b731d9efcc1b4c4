using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KdMtlBench.Tests.Support;

/// <summary>A web server on this machine with one file, that can be as bad as real ones.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly List<string> _ranges = [];

    public LoopbackServer(byte[] content)
    {
        Content = content;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Root = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        }

        _listener.Prefixes.Add(Root.ToString());
        _listener.Start();
        new Thread(Serve) { IsBackground = true }.Start();
    }

    public byte[] Content { get; set; }

    /// <summary>Breaks the connection after so many bytes of each answer.</summary>
    public int? BreaksAfter { get; set; }

    /// <summary>Sends no more after so many bytes of each answer, and keeps the connection open.</summary>
    public int? StallsAfter { get; set; }

    public bool IgnoresRange { get; set; }

    /// <summary>Sends the part from the beginning whatever part is asked for, and calls it so.</summary>
    public bool SendsWrongPart { get; set; }

    public string? Version { get; set; } = "\"1\"";

    public HttpStatusCode? Refuses { get; set; }

    public Uri Root { get; }

    public Uri Address => new(Root, "file.bin");

    /// <summary>The Range header of each request so far, empty where there was none.</summary>
    public IReadOnlyList<string> Ranges
    {
        get
        {
            lock (_ranges)
                return [.. _ranges];
        }
    }

    public void Dispose() => ((IDisposable)_listener).Dispose();

    private void Serve()
    {
        try
        {
            while (true)
                Answer(_listener.GetContext());
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private void Answer(HttpListenerContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var range = request.Headers["Range"];
        lock (_ranges)
            _ranges.Add(range ?? "");
        if (Refuses is { } status)
        {
            response.StatusCode = (int)status;
            response.Close();
            return;
        }

        var start = 0;
        if (range is not null && !IgnoresRange && request.Headers["If-Range"] is var version && (version is null || version == Version))
        {
            start = SendsWrongPart ? 0 : int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
            response.StatusCode = (int)(start < Content.Length ? HttpStatusCode.PartialContent : HttpStatusCode.RequestedRangeNotSatisfiable);
            response.Headers["Content-Range"] = start < Content.Length ? $"bytes {start}-{Content.Length - 1}/{Content.Length}" : $"bytes */{Content.Length}";
        }

        if (Version is not null)
            response.Headers["ETag"] = Version;
        var body = start < Content.Length ? Content.AsSpan(start) : [];
        response.ContentLength64 = body.Length;
        var sent = Math.Min(body.Length, BreaksAfter ?? StallsAfter ?? int.MaxValue);
        try
        {
            response.OutputStream.Write(body[..sent]);
            response.OutputStream.Flush();
        }
        catch (Exception e) when (e is HttpListenerException or IOException)
        {
            return; // the client has gone
        }

        if (sent == body.Length)
            response.Close();
        else if (StallsAfter is null)
            response.Abort();
    }
}
