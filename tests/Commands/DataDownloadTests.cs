using System.Net;
using CsCheck;
using KdMtlBench.Host.Downloads;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

public sealed class DataDownloadTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly byte[] _content = new byte[200_000];
    private readonly LoopbackServer _server;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });

    public DataDownloadTests()
    {
        new Random(1).NextBytes(_content);
        _server = new LoopbackServer(_content);
    }

    private string Place => _root.File("set/file.bin");

    private string Partial => Downloader.PartialPath(Place);

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _root.Dispose();
    }

    [Fact]
    public async Task A_file_comes_whole_and_nothing_else_is_left()
    {
        (await Get()).ShouldBe($"200000 bytes in {_root.File("set")} (read to the end; no checksum is known)");
        File.ReadAllBytes(Place).ShouldBe(_content);
        Directory.GetFiles(_root.File("set")).ShouldBe([Place]);
        _server.Ranges.ShouldBe([""]);
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_is_taken_up_where_it_broke()
    {
        _server.BreaksAfter = 70_000;
        await Get();
        File.ReadAllBytes(Place).ShouldBe(_content);
        _server.Ranges.Count.ShouldBeGreaterThan(2);
        _server.Ranges.Skip(1).ShouldAllBe(range => range.StartsWith("bytes=") && range != "bytes=0-");
    }

    [Fact]
    public void Wherever_connections_break_the_file_comes_whole() => Gen.Int[10_000, 150_000].Sample(
        bytes =>
        {
            Directory.Delete(_root.Path, recursive: true);
            _server.BreaksAfter = bytes;
            Get().GetAwaiter().GetResult();
            File.ReadAllBytes(Place).ShouldBe(_content);
        },
        iter: 20,
        threads: 1);

    [Fact]
    public async Task What_an_interrupted_call_has_got_is_not_got_again()
    {
        _server.StallsAfter = 120_000;
        using var interrupt = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(() => Get(progress: bytes => interrupt.CancelAfter(bytes >= 120_000 ? 0 : -1), cancellation: interrupt.Token));
        File.Exists(Place).ShouldBeFalse();
        new FileInfo(Partial).Length.ShouldBe(120_000);

        _server.StallsAfter = null;
        await Get();
        File.ReadAllBytes(Place).ShouldBe(_content);
        _server.Ranges.ShouldBe(["", "bytes=120000-"]);
    }

    [Fact]
    public async Task A_server_that_knows_no_ranges_sends_all_again()
    {
        LeavePartial(50_000, _content, version: null);
        _server.IgnoresRange = true;
        await Get();
        File.ReadAllBytes(Place).ShouldBe(_content);
    }

    [Fact]
    public async Task Parts_of_two_versions_are_never_put_together()
    {
        LeavePartial(50_000, new byte[200_000], version: "\"0\"");
        await Get();
        File.ReadAllBytes(Place).ShouldBe(_content);
    }

    [Fact]
    public async Task A_part_that_was_not_asked_for_is_not_appended()
    {
        LeavePartial(50_000, _content, version: "\"1\"");
        _server.SendsWrongPart = true;
        await Get();
        File.ReadAllBytes(Place).ShouldBe(_content);
    }

    [Theory, InlineData(200_000), InlineData(200_001)]
    public async Task A_partial_file_that_is_complete_or_too_long_ends_well(int length)
    {
        LeavePartial(length, [.. _content, 1], version: "\"1\"");
        await Get();
        File.ReadAllBytes(Place).ShouldBe(_content);
    }

    [Fact]
    public async Task A_refusal_is_said_with_its_address_and_nothing_is_left()
    {
        _server.Refuses = HttpStatusCode.NotFound;
        (await Should.ThrowAsync<InputException>(() => Get())).Message.ShouldStartWith($"{_server.Address}: the server answers 404 Not Found; get the file another way");
        Directory.GetFiles(_root.File("set")).ShouldBeEmpty();
        _server.Ranges.Count.ShouldBe(1); // asking again would not help
    }

    [Fact]
    public async Task A_server_in_trouble_is_asked_a_few_times()
    {
        _server.Refuses = HttpStatusCode.ServiceUnavailable;
        (await Should.ThrowAsync<InputException>(() => Get())).Message.ShouldContain("the server answers 503 Service Unavailable after 0 bytes; run the same command again");
        _server.Ranges.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_given_up_and_what_came_stays()
    {
        _server.StallsAfter = 0;
        LeavePartial(50_000, _content, version: "\"1\"");
        (await Should.ThrowAsync<InputException>(() => Get(patience: TimeSpan.FromMilliseconds(300)))).Message.ShouldContain("nothing more came after 50000 bytes");
        new FileInfo(Partial).Length.ShouldBe(50_000);
    }

    [Fact]
    public async Task No_server_at_all_is_said_so()
    {
        _server.Dispose();
        (await Should.ThrowAsync<InputException>(() => Get())).Message.ShouldContain("cannot be reached (Connection refused");
    }

    [Fact]
    public async Task Content_of_another_checksum_is_deleted()
    {
        _server.Content = [.. _content.Reverse()];
        var message = (await Should.ThrowAsync<InputException>(() => Get(sha256: Sha256(_content)))).Message;
        message.ShouldContain($"{_server.Address} gave something else than the published file");
        message.ShouldContain($"is {Sha256(_server.Content)}, expected {Sha256(_content)}");
        Directory.GetFiles(_root.File("set")).Where(file => !file.EndsWith(".version")).ShouldBeEmpty();

        _server.Content = _content;
        (await Get(sha256: Sha256(_content))).ShouldContain("as published, by SHA-256");
    }

    [Fact]
    public async Task Content_that_cannot_be_read_is_deleted()
    {
        _server.Content = "<html>sorry</html>"u8.ToArray();
        var message = (await Should.ThrowAsync<InputException>(() => Get())).Message;
        message.ShouldContain("18 bytes, expected 200000");
        message.ShouldContain("(what was downloaded now is deleted again)");
        Directory.GetFiles(_root.File("set")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_was_there_is_neither_asked_for_nor_deleted()
    {
        Directory.CreateDirectory(_root.File("set"));
        File.WriteAllText(Place, "the user's own");
        await Should.ThrowAsync<InputException>(() => Get());
        File.ReadAllText(Place).ShouldBe("the user's own");
        _server.Ranges.ShouldBeEmpty();
    }

    private Task<string> Get(string? sha256 = null, TimeSpan? patience = null, Action<long>? progress = null, CancellationToken cancellation = default)
    {
        var need = new DataNeed(new DataSet("set", "Set", "file.bin from somewhere", [["file.bin"]]), Check)
        {
            Published = [new PublishedFile("file.bin") { Address = _server.Address, ContentSha256 = sha256 }],
        };
        var downloader = new Downloader(_client) { Attempts = 3, Pause = TimeSpan.FromMilliseconds(1), Patience = patience ?? TimeSpan.FromSeconds(30) };
        return new DataDownload(downloader).RunAsync(_root.Path, need, (_, bytes, _) => progress?.Invoke(bytes), cancellation);

        static string Check(IReadOnlyList<string> paths) => new FileInfo(paths[0]).Length is var length && length == 200_000
            ? $"{length} bytes"
            : throw new InputException($"{paths[0]}: {length} bytes, expected 200000");
    }

    private void LeavePartial(int length, byte[] content, string? version)
    {
        Directory.CreateDirectory(_root.File("set"));
        File.WriteAllBytes(Partial, content[..length]);
        if (version is not null)
            File.WriteAllText(Partial + ".version", version);
    }

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
}
