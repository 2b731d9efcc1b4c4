using System.IO.Compression;
using KdMtlBench.Host.Benchmarks.MultiMnist;
using KdMtlBench.Host.Benchmarks.NyuV2;
using KdMtlBench.Host.Downloads;
using KdMtlBench.Tests.Benchmarks.NyuV2;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

public sealed class DataCommandTests : TensorTest
{
    [RealDataFact("mnist/train-images-idx3-ubyte.gz")]
    public void Real_mnist_is_whole_by_checksum_also_unpacked()
    {
        using var root = new TemporaryFolder();
        var need = DigitSet.Need(DigitSource.Mnist);
        DataInspection.Of(Repository.SharedData, need).ShouldBe(new DataInspection(DataStatus.Whole,
            $"60000 training and 10000 test images in {Repository.SharedData}/mnist (as published, by SHA-256)"));

        foreach (var packed in Directory.GetFiles(Path.Combine(Repository.SharedData!, "mnist")))
            Unpack(packed, root.File(Path.Combine("mnist", Path.GetFileNameWithoutExtension(packed))));
        DataInspection.Of(root.Path, need).Message.ShouldContain("as published, by SHA-256");

        var labels = root.File("mnist/t10k-labels-idx1-ubyte");
        var bytes = File.ReadAllBytes(labels);
        bytes[^1] ^= 1; // another digit, which no look at the structure would find
        File.WriteAllBytes(labels, bytes);
        var damaged = DataInspection.Of(root.Path, need);
        damaged.Status.ShouldBe(DataStatus.Damaged);
        damaged.Message.ShouldStartWith($"{labels}: not the published file: the SHA-256 of its content is ");
    }

    [RealDataFact("omniglot/images_background_small1.zip")]
    public void Kdmtl_data_verify_reads_real_omniglot_and_says_what_is_missing()
    {
        var (exitCode, output, _) = Kdmtl.Run("data", "verify", "svhn-omniglot", "--data", Repository.SharedData!);
        exitCode.ShouldBe(1);
        output = output.ReplaceLineEndings(" ");
        output.ShouldContain("missing svhn: the data set SVHN is missing");
        output.ShouldContain("or run: kdmtl data get svhn");
        output.ShouldContain("whole omniglot: 2720 drawings of 136 characters in");
        output.ShouldContain("whole mnist (with digits: mnist): 60000 training and 10000 test images in");
    }

    [Fact]
    public void Every_picture_of_a_dense_set_is_read()
    {
        using var root = new TemporaryFolder();
        var needs = new NyuV2Benchmark(new NyuV2Options { Height = NyuFiles.Height, Width = NyuFiles.Width }).Data;
        DataInspection.Of(root.Path, needs[0]).Status.ShouldBe(DataStatus.Missing);
        NyuFiles.Write(root.File("nyu-v2"));
        DataInspection.Of(root.Path, needs[0]).Message.ShouldStartWith("nyu-v2: 5 pictures from nyu_depth_v2_labeled.mat; normals computed from depth in ");
        DataInspection.Of(root.Path, needs[1]).Status.ShouldBe(DataStatus.Missing); // MTAN's folders

        NyuFiles.Write(root.File("nyu-v2"), label: (picture, row, column) => picture == 3 && row == 20 ? (ushort)2000 : NyuFiles.Label(picture, row, column));
        var damaged = DataInspection.Of(root.Path, needs[0]);
        damaged.Status.ShouldBe(DataStatus.Damaged);
        damaged.Message.ShouldContain("2000");
    }

    [Fact]
    public void Kdmtl_data_verify_tells_nearest_names_and_benchmarks_without_files()
    {
        var (exitCode, _, error) = Kdmtl.Run("data", "verify", "multi-mnits");
        exitCode.ShouldBe(2);
        error.ShouldContain("multi-mnist");
        (exitCode, var output, _) = Kdmtl.Run("data", "verify", "scenes");
        exitCode.ShouldBe(0);
        output.ShouldContain("scenes needs no files");
    }

    [Fact]
    public void Kdmtl_data_list_names_every_set_with_its_benchmarks()
    {
        using var root = new TemporaryFolder();
        var (exitCode, output, _) = Kdmtl.Run("data", "list", "--data", root.Path);
        exitCode.ShouldBe(0);
        foreach (var set in new[] { "mnist", "fashion-mnist", "svhn", "omniglot" })
            output.ShouldContain($"get   kdmtl data get {set}");
        output.ShouldContain("for   multi-mnist, svhn-omniglot (digits: mnist)");
        output.ShouldContain("here  no");
    }

    [Fact]
    public async Task Kdmtl_data_get_killed_in_the_middle_goes_on_at_the_next_call()
    {
        var content = new byte[300_000];
        new Random(2).NextBytes(content);
        using var server = new LoopbackServer(content) { StallsAfter = 100_000 };
        using var root = new TemporaryFolder();
        var plugins = root.File("plugins");
        PluginCompiler.Compile(plugins, "Bytes", NeedyBenchmark(server.Address, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))));
        string[] command = ["data", "get", "bytes", "--data", root.File("data"), "--plugins", plugins];

        using (var process = Kdmtl.Start(command))
        {
            var partial = root.File("data/bytes/file.bin.partial");
            for (var wait = 0; wait < 600 && !(File.Exists(partial) && new FileInfo(partial).Length == 100_000); wait++)
                await Task.Delay(100);
            process.Kill();
            await process.WaitForExitAsync();
            new FileInfo(partial).Length.ShouldBe(100_000);
        }

        server.StallsAfter = null;
        var (exitCode, output, error) = Kdmtl.Run(command);
        exitCode.ShouldBe(0, output + error);
        output.ReplaceLineEndings(" ").ShouldContain("whole bytes: all of it in");
        server.Ranges.ShouldBe(["", "bytes=100000-"]);
        File.ReadAllBytes(root.File("data/bytes/file.bin")).ShouldBe(content);

        Kdmtl.Run(command).ExitCode.ShouldBe(0);
        server.Ranges.Count.ShouldBe(2); // it is there
        server.Refuses = System.Net.HttpStatusCode.NotFound;
        (exitCode, _, error) = Kdmtl.Run([.. command[..4], root.File("elsewhere"), .. command[5..]]);
        exitCode.ShouldBe(2);
        error.ShouldContain("the server answers 404 Not Found");
    }

    private static void Unpack(string packed, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var content = new GZipStream(File.OpenRead(packed), CompressionMode.Decompress);
        using var file = File.Create(path);
        content.CopyTo(file);
    }

    private static string NeedyBenchmark(Uri address, string sha256) => $$"""
        [Benchmark("needy", Title = "Needy", Paper = "none")]
        public sealed class Needy : IBenchmark, INeedsData
        {
            public IReadOnlyList<DataNeed> Data { get; } =
            [
                new DataNeed(new DataSet("bytes", "Bytes", "file.bin", [["file.bin"]]), paths => "all of it")
                {
                    Published = [new PublishedFile("file.bin") { Address = new Uri("{{address}}"), ContentSha256 = "{{sha256}}" }],
                },
            ];

            public IReadOnlyList<LearningTask> Tasks => [];

            public IReadOnlyList<InputInfo> Inputs => [InputInfo.Vector(1)];

            public BenchmarkData Load(DataContext context) => throw new NotSupportedException();
        }
        """;
}
