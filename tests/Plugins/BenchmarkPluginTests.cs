using KdMtlBench.Host.Components;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps.Checks;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Plugins;

public sealed class BenchmarkPluginTests : TensorTest
{
    private readonly TemporaryFolder _plugins = new();

    public override void Dispose()
    {
        base.Dispose();
        _plugins.Dispose();
    }

    [Fact]
    public void The_sample_stands_beside_the_hosts_own_with_its_options()
    {
        CompileSample();
        var catalog = PluginCatalog.Load([_plugins.Path]);
        catalog.Problems.ShouldBeEmpty();
        catalog.Benchmarks.Entries.Select(entry => entry.Id).ShouldBe(Catalog.Own(ComponentKind.Benchmark).Entries.Select(entry => entry.Id).Append("waves"), ignoreOrder: true);
        catalog.Models.Entries.Select(entry => entry.Id).ShouldContain("mlp");
        catalog.Strategies.Entries.ShouldBeEmpty();
        catalog.Benchmarks.Find("waves")!.OptionsType!.Name.ShouldBe("WavesOptions");
        catalog.Benchmarks.Find("toy")!.FileSha256.ShouldBeNull();
    }

    [Fact]
    public void The_sample_is_swept_like_any_other_and_its_file_is_in_the_record()
    {
        CompileSample();
        using var results = new TemporaryFolder();
        File.WriteAllText(results.File("sweep.yaml"), """
            benchmark: {waves: {noise: 0.1}}
            model: {mlp: {features: 16}}
            training: {epochs: 40, batch-size: 16, learning-rate: 0.02}
            seeds: [1]
            strategies: [uniform]
            """);
        var (exitCode, output, error) = Kdmtl.Run("run", results.Path, "--quiet", "--device", "cpu", "--plugins", $"{_plugins.Path}{Path.PathSeparator}{Repository.Plugins}");
        exitCode.ShouldBe(0, output + error);
        var records = new RunStore(results.Output).ReadAll().Records;
        records.Count.ShouldBe(3); // two baselines and one strategy
        foreach (var record in records)
        {
            record.Status.ShouldBe(RunStatus.Done);
            record.Test.Values.ShouldAllBe(error => error < 0.1); // the waves' own variance is 0.55
            record.Provenance["plugin-sha256.waves"].ShouldBe(record.Provenance["plugin-sha256.mlp"]); // one file
        }
    }

    [Fact]
    public void An_id_of_the_hosts_own_is_refused()
    {
        PluginCompiler.Compile(_plugins.Path, "Mine", Benchmark("Mine").Replace("mine", "scenes"));
        var catalog = PluginCatalog.Load([_plugins.Path]);
        catalog.Problems.Single().ShouldContain("the id `scenes` is claimed by Mine in");
        catalog.Problems.Single().ShouldContain("the host itself holds a benchmark of that name; give the plugin another id");
        catalog.Benchmarks.Find("scenes")!.FileSha256.ShouldBeNull();
    }

    [Fact]
    public void A_benchmark_without_an_id_or_with_two_constructors_is_refused()
    {
        PluginCompiler.Compile(_plugins.Path, "Nameless", Benchmark("Nameless").Split('\n', 2)[1]);
        PluginCompiler.Compile(_plugins.Path, "Two", Benchmark("Two").Replace("/* more */", "public Two() { } public Two(string other) { }"));
        var problems = PluginCatalog.Load([_plugins.Path]).Problems;
        problems.ShouldContain(problem => problem.Contains("the benchmark Nameless has no [Benchmark] attribute; give it one with its id"));
        problems.ShouldContain(problem => problem.Contains("the benchmark Two needs exactly one public constructor"));
    }

    [Theory]
    [InlineData("Vector(2)", "Vector(0)", "has the input vector [-1, 0] of Float32; every axis has a length of 1 or more, or -1 where it differs from batch to batch")]
    [InlineData("[InputInfo.Vector(2)]", "[]", "has no inputs; give it one or more")]
    [InlineData("InputInfo.Vector(2)", "InputInfo.Vector(2), InputInfo.Vector(3)", "has 2 inputs named `vector`; name each differently")]
    [InlineData("InputInfo.Vector(2)", "InputInfo.Vector(2), new InputInfo(\"B\", [1])", "has an input named `B`; names are lower-case words")]
    [InlineData("InputInfo.Vector(2)", "InputInfo.Vector(2), new InputInfo(\"other\", [-1])", "gives no training input `other`, which its Inputs declare; it gives vector")]
    [InlineData("\"vector\", ones(4, 2)", "new Dictionary<string, Tensor> { [\"vector\"] = ones(4, 2), [\"more\"] = ones(4) }", "gives a training input `more` that its Inputs do not declare")]
    [InlineData("Vector(2)", "Vector(3)", "gives the training input `vector` as [1, 2] of Float32; its Inputs declare vector [-1, 3] of Float32")]
    [InlineData("ones(4, 2)", "ones(4, 2, dtype: ScalarType.Float64)", "gives the training input `vector` as [1, 2] of Float64; its Inputs declare vector [-1, 2] of Float32")]
    [InlineData("[new Nothing(\"a\")]", "[]", "has no tasks; give it one or more")]
    [InlineData("new Nothing(\"a\")", "new Nothing(\"a b\")", "has a task with the id `a b`; ids are lower-case words")]
    [InlineData("new Nothing(\"a\")", "new Nothing(\"a\"), new Nothing(\"a\")", "has 2 tasks with the id `a`; name each differently")]
    [InlineData("new Nothing(\"a\")", "new Nothing(\"a\"), new Nothing(\"b\")", "gives 1 training targets for 2 tasks; give one a task")]
    [InlineData("/* load */", "throw new System.IO.IOException(\"no licence\");", "cannot load its data: IOException: no licence")]
    [InlineData("ones(4, 2)", "ones(0, 2)", "has an empty training split")]
    public void A_slip_of_a_benchmarks_author_is_one_sentence_before_the_first_run(string right, string wrong, string said)
    {
        PluginCompiler.Compile(_plugins.Path, "Mine", Benchmark("Mine").Replace(right, wrong));
        var component = Component(PluginCatalog.Load([_plugins.Path]).Benchmarks.Find("mine")!);
        Should.Throw<InputException>(() =>
        {
            Trial.Benchmark(component);
            Trial.Load(component, component.CreateBenchmark(), new DataContext(null, CPU, default)).Dispose();
        }).Message.ShouldStartWith($"the benchmark `mine` {said}");
    }

    [Theory]
    [InlineData("[features], Suggested", "[features, 1], Suggested", "declares the tap `hidden` as [32, 1], but its forward pass gives [32]; declare what it gives")]
    [InlineData("[\"hidden\"] = hidden", "[\"other\"] = hidden", "declares the tap `hidden`, but its forward pass gives only other")]
    [InlineData("nn.Linear(features, outputs)", "nn.Linear(features, outputs + 1)", "predicts [2, 2] of 2 samples for the task `across`; it must be [2, 1, …]")]
    [InlineData("nn.Linear(features, outputs)", "outputs > 0 ? throw new System.NotSupportedException(\"not yet\") : nn.Linear(features, outputs)", "cannot be made: NotSupportedException: not yet")]
    [InlineData("nn.Linear(length, features)", "nn.Linear(length + 1, features)", "cannot run: ExternalException: mat1 and mat2 shapes cannot be multiplied (2x2 and 3x32)")]
    public void A_slip_of_a_models_author_is_one_sentence_before_the_first_run(string right, string wrong, string said)
    {
        CompileSample(source => source.Replace(right, wrong));
        var catalog = PluginCatalog.Load([_plugins.Path]);
        var benchmark = Component(catalog.Benchmarks.Find("waves")!).CreateBenchmark();
        Should.Throw<InputException>(() => Trial.Model(Component(catalog.Models.Find("mlp")!), benchmark, seed: 1))
            .Message.ShouldBe($"the model `mlp` {said}");
    }

    private void CompileSample(Func<string, string>? change = null) => PluginCompiler.Compile(
        _plugins.Path,
        "Sample",
        Directory.GetFiles(Path.Combine(Repository.Root, "tests", "Plugins", "Sample"), "*.cs").Select(file => (change ?? (source => source))(File.ReadAllText(file))));

    private static Component Component(CatalogEntry entry) =>
        new(entry, entry.OptionsType is { } options ? Activator.CreateInstance(options) : null, entry.Id, new Dictionary<string, string>());

    /// <summary>As small as one can be; the places to break it are marked by what the tests replace.</summary>
    private static string Benchmark(string name) => $$"""
        [Benchmark("mine", Title = "Mine", Paper = "none")]
        public sealed class {{name}} : IBenchmark
        {
            /* more */
            public IReadOnlyList<LearningTask> Tasks { get; } = [new Nothing("a")];

            public IReadOnlyList<InputInfo> Inputs { get; } = [InputInfo.Vector(2)];

            public BenchmarkData Load(DataContext context)
            {
                /* load */
                return new(new TensorSplit("vector", ones(4, 2), [ones(4)]), new TensorSplit("vector", ones(4, 2), [ones(4)]), new TensorSplit("vector", ones(4, 2), [ones(4)]), "1");
            }
        }

        public sealed class Nothing(string id) : LearningTask(id, TaskKind.Regression, 1)
        {
            public override IReadOnlyList<Metric> Metrics { get; } = [];
            public override Tensor Loss(Tensor prediction, Tensor target) => prediction.sum();
            public override Tensor SoftLoss(Tensor prediction, Tensor target, Tensor soft) => prediction.sum();
            public override Measurement Measure(Device device) => throw new NotSupportedException();
        }
        """;
}
