using CsCheck;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Training.Networks;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Training.Distillation;

public class TeacherStoreTests : TensorTest
{
    private const string Identity = "0123456789abcdef";
    private static readonly RunSpec Depth = Tiny.Spec(singleTask: "depth");

    [Fact]
    public void A_kept_network_comes_back_bit_for_bit_with_what_it_cost()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var kept = Network();
        Save(folder.Path, kept);
        using var other = Network(seed: 2);
        Same(kept, other).ShouldBeFalse();
        new TeacherStore(folder.Path).Load(Depth, Identity, other).ShouldBe(12.25);
        Same(kept, other).ShouldBeTrue();
    }

    [Fact]
    public void Any_byte_that_changed_is_found()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = Network();
        Save(folder.Path, network);
        var store = new TeacherStore(folder.Path);
        var path = store.PathOf(Depth);
        var bytes = File.ReadAllBytes(path);
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte[1, 255]).Sample(
            (place, change) =>
            {
                var damaged = (byte[])bytes.Clone();
                damaged[place] ^= change;
                File.WriteAllBytes(path, damaged);
                store.Missing(Depth, Identity).ShouldNotBeNull().ShouldBe($"{path} is damaged: its content does not have the SHA-256 that it had when it was written");
            },
            iter: 200, threads: 1);
        File.WriteAllBytes(path, bytes);
        store.Missing(Depth, Identity).ShouldBeNull();
    }

    [Theory]
    [InlineData(0, "cut short")]
    [InlineData(39, "cut short")]
    [InlineData(40, "damaged")]
    [InlineData(-1, "damaged")]
    public void A_file_that_was_cut_is_refused(int length, string reason)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = Network();
        Save(folder.Path, network);
        var store = new TeacherStore(folder.Path);
        var bytes = File.ReadAllBytes(store.PathOf(Depth));
        File.WriteAllBytes(store.PathOf(Depth), bytes[..(length < 0 ? bytes.Length + length : length)]);
        store.Missing(Depth, Identity).ShouldNotBeNull().ShouldContain(reason);
        Should.Throw<InputException>(() => store.Load(Depth, Identity, network)).Message.ShouldContain("the teacher `depth` cannot be had");
    }

    [Fact]
    public void A_network_of_other_settings_code_or_data_is_refused()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = Network();
        Save(folder.Path, network);
        new TeacherStore(folder.Path).Missing(Depth, "another").ShouldNotBeNull().ShouldContain("comes from other code, data, settings or another device");
    }

    [Fact]
    public void Tensors_of_another_network_are_refused_and_nothing_is_copied()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = Network();
        TensorFile.Write(folder.File("a"), new Dictionary<string, string>(), [.. network.NamedTensors().SkipLast(1)]);
        using var other = Network(seed: 2);
        using var untouched = Network(seed: 2);
        using var file = TensorFile.Open(folder.File("a"));
        Should.Throw<InvalidDataException>(() => file.CopyTo(other.NamedTensors())).Message.ShouldContain($"`{network.NamedTensors()[^1].Name}`");
        Same(other, untouched).ShouldBeTrue();
    }

    [Fact]
    public void A_file_holds_tensors_in_the_published_format_and_nothing_else()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        TensorFile.Write(folder.File("a"), new Dictionary<string, string> { ["of"] = "a test" }, [("x", tensor(new float[] { 1, -2 }).view(1, 2)), ("n", tensor(7L))]);
        var bytes = File.ReadAllBytes(folder.File("a"));
        const string Header = """{"__metadata__":{"of":"a test"},"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"n":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"sha256":{"dtype":"U8","shape":[32],"data_offsets":[16,48]}}""";
        BitConverter.ToInt64(bytes).ShouldBe(Header.Length);
        System.Text.Encoding.UTF8.GetString(bytes, 8, Header.Length).ShouldBe(Header);
        var values = bytes.AsSpan(8 + Header.Length);
        values[..16].ToArray().ShouldBe([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 7, 0, 0, 0, 0, 0, 0, 0]);
        values[16..].ToArray().ShouldBe(System.Security.Cryptography.SHA256.HashData(bytes[..^32]));
    }

    [Fact]
    public void A_sweep_beside_this_one_lends_its_networks()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = Network();
        Directory.CreateDirectory(folder.File("mine"));
        Save(folder.File("theirs"), network);
        var store = new TeacherStore(folder.File("mine"));
        store.Missing(Depth, Identity).ShouldBe($"there is no {store.PathOf(Depth)}");
        File.WriteAllText(folder.File("theirs/sweep.yaml"), "");
        store.Missing(Depth, Identity).ShouldBeNull();
    }

    [Fact]
    public void Whatever_determines_the_network_changes_its_identity()
    {
        var training = new Dictionary<string, string> { ["learning-rate"] = "0.01" };
        var spec = Depth with { TrainingSettings = training };
        RunSpec[] others =
        [
            spec with { TrainingSettings = new Dictionary<string, string> { ["learning-rate"] = "0.02" } },
            spec with { Seed = 2 },
            spec with { SingleTask = "normals" },
            spec with { Model = spec.Model with { Settings = new Dictionary<string, string> { ["width"] = "0.5" } } },
            spec with { Benchmark = spec.Benchmark with { Settings = new Dictionary<string, string> { ["noise"] = "0.5" } } },
        ];
        string[] identities = [.. others.Prepend(spec).Select(run => TeacherStore.Identity(run, "data", CPU)), TeacherStore.Identity(spec, "more data", CPU)];
        identities.Distinct().Count().ShouldBe(identities.Length);
        identities.ShouldAllBe(identity => identity.Length == 64);
    }

    [Fact]
    public void Whatever_is_the_students_own_business_does_not()
    {
        var benchmark = new TinyBenchmark();
        var lambda = Student(new KdAdaptorOptions { Lambda = 3, TeacherMode = Contracts.TeacherMode.Train });
        var plain = Student(new KdAdaptorOptions());
        lambda.Id.ShouldNotBe(plain.Id);
        foreach (var (a, b) in Teachers.RunsFor(lambda, benchmark).Zip(Teachers.RunsFor(plain, benchmark)))
        {
            TeacherStore.Identity(a, "data", CPU).ShouldBe(TeacherStore.Identity(b, "data", CPU));
            a.Id.ShouldBe(Tiny.Spec(singleTask: a.SingleTask).Id);
        }

        static RunSpec Student(KdAdaptorOptions options) => Tiny.Spec() with
        {
            Strategies = [Tiny.Strategy<KdAdaptor>(options) with { Settings = new Dictionary<string, string> { ["lambda"] = options.Lambda.ToString() } }],
        };
    }

    private static Network Network(int seed = 1) => Tiny.SingleTaskNetwork(new TinyBenchmark().Tasks[1], seed);

    private static void Save(string folder, Network network) => new TeacherStore(folder).Save(Depth, Identity, network, trainSeconds: 12.25);

    private static bool Same(Network a, Network b) => a.NamedTensors().Zip(b.NamedTensors()).All(pair =>
        pair.First.Name == pair.Second.Name && pair.First.Values.eq(pair.Second.Values).all().item<bool>());
}
