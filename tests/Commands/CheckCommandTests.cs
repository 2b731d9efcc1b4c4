using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

/// <summary>The gate as continuous integration calls it, on a sweep that is run once for all tests.</summary>
public sealed class CheckCommandTests(CheckCommandTests.StoredSweep stored) : IClassFixture<CheckCommandTests.StoredSweep>
{
    [Fact]
    public void An_unchanged_program_gives_what_is_stored_and_touches_nothing()
    {
        var before = stored.Bytes();
        using var output = new TemporaryFolder();
        var (exitCode, text, error) = Kdmtl.Run("check", stored.Folder.Path, "--output", output.Path, "--fresh");

        exitCode.ShouldBe(0, text + error);
        text.ReplaceLineEndings(" ").ShouldMatch($"^Compared with {stored.Folder.File("reference")}, stored by Ada Lovelace, runs made by 20..-..-..: 5 runs of commit .* on .*, cpu\\.");
        text.ShouldContain("5 runs");
        text.ShouldContain("As stored: 27 means of 5 runs, 27 compared bit by bit");
        stored.Bytes().ShouldBe(before);
        Kdmtl.Run("check", stored.Folder.Path, "--candidate", output.Path).ExitCode.ShouldBe(0);
    }

    [Fact]
    public void What_the_user_has_run_is_compared_and_what_not_is_run_once()
    {
        using var folder = stored.Copy();
        var (exitCode, text, error) = Kdmtl.Run("check", folder.Path);
        exitCode.ShouldBe(0, text + error);
        text.ShouldContain($"5 runs taken over from {folder.Output}: the same settings, code, data and device");

        Directory.Delete(folder.Output, recursive: true); // as in a clone
        (exitCode, text, error) = Kdmtl.Run("check", folder.Path);
        exitCode.ShouldBe(0, text + error);
        text.ShouldNotContain("taken over");
        (exitCode, text, error) = Kdmtl.Run("check", folder.Path);
        exitCode.ShouldBe(0, text + error);
        text.ShouldContain("0 runs; 5 more are finished already");
        Kdmtl.Run("run", folder.Path).Output.ShouldContain($"5 runs taken over from {folder.File("output/check")}");
    }

    [Fact]
    public void Without_a_reference_there_is_nothing_to_compare_with()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), StoredSweep.Yaml);
        var (exitCode, _, error) = Kdmtl.Run("check", folder.Path);
        exitCode.ShouldBe(2);
        error.Trim().ShouldBe($"{folder.File("sweep.yaml")} has no stored reference to compare with; `store` takes your own results over as one");
    }

    [Fact]
    public void A_strategy_with_the_wrong_sign_is_found_and_named()
    {
        using var plugins = new TemporaryFolder();
        var source = File.ReadAllText(Path.Combine(Repository.Root, "plugins", "PcGrad", "PcGrad.cs"));
        var broken = source.Replace("coefficients[j] -= product", "coefficients[j] += product");
        broken.ShouldNotBe(source);
        PluginCompiler.Compile(plugins.Path, "PcGrad", broken);
        Directory.CreateDirectory(plugins.File("Uniform"));
        File.Copy(Path.Combine(Repository.Plugins, "Uniform", "Uniform.dll"), plugins.File("Uniform/Uniform.dll"));

        using var folder = stored.Copy();
        var (exitCode, text, error) = Kdmtl.Run("check", folder.Path, "--plugins", plugins.Path, "--quiet");

        exitCode.ShouldBe(1, text + error);
        var moved = text[text.IndexOf("What moved")..text.IndexOf("What is not as it was")];
        moved.ShouldContain("pcgrad");
        moved.ShouldContain("plugin-sha256.pcgrad");
        moved.ShouldNotContain("uniform");
        moved.ShouldNotContain("single-task");
    }

    [Fact]
    public void A_part_of_the_sweep_can_be_checked()
    {
        using var folder = stored.Copy();
        var (exitCode, text, error) = Kdmtl.Run("check", folder.Path, "--strategies", "uniform", "--seeds", "1");
        exitCode.ShouldBe(0, text + error);
        text.ShouldContain("of 1 run, ");

        (exitCode, _, error) = Kdmtl.Run("check", folder.Path, "--strategies", "unifrom");
        exitCode.ShouldBe(2);
        error.ShouldContain("did you mean `uniform`?");
        Kdmtl.Run("check", folder.Path, "--seeds", "x").Error.ShouldContain("--seeds holds `x`");
    }

    [Fact]
    public void Other_settings_and_other_data_cannot_be_compared()
    {
        using var folder = stored.Copy();
        File.WriteAllText(folder.File("sweep.yaml"), StoredSweep.Yaml.Replace("epochs: 2", "epochs: 1"));
        var (exitCode, text, error) = Kdmtl.Run("check", folder.Path, "--strategies", "uniform");
        exitCode.ShouldBe(2, text + error);
        text.ShouldContain("other settings of uniform: training.epochs was 2, is 1");

        StoredSweep.StoreWith(folder, "data-sha256");
        (exitCode, text, _) = Kdmtl.Run("check", folder.Path, "--candidate", stored.Folder.Path);
        exitCode.ShouldBe(2);
        text.ShouldContain("other data of scenes(");
        text.ShouldContain("data-sha256 was other");
    }

    [Fact]
    public void One_seed_of_another_processor_is_not_compared_and_not_run_unless_a_tolerance_is_given()
    {
        using var folder = stored.Copy();
        StoredSweep.StoreWith(folder, "cpu-model");
        using var output = new TemporaryFolder();
        var (exitCode, text, error) = Kdmtl.Run("check", folder.Path, "--output", output.Path);
        exitCode.ShouldBe(3, text + error);
        text.ReplaceLineEndings(" ").ShouldContain("Not compared: these results were made with another processor, device or version, and fewer than 3 seeds");
        Directory.GetFileSystemEntries(output.Path).ShouldBeEmpty();

        Kdmtl.Run("check", folder.Path, "--candidate", stored.Folder.Path).ExitCode.ShouldBe(3);
        (exitCode, text, error) = Kdmtl.Run("check", folder.Path, "--tolerance", "5", "--quiet");
        exitCode.ShouldBe(0, text + error);
        text.ReplaceLineEndings(" ").ShouldContain("27 by interval");
    }

    /// <summary>Two strategies and three baselines of one seed, made by the program itself.</summary>
    public sealed class StoredSweep : IDisposable
    {
        public const string Yaml = """
            benchmark:
              scenes: {height: 32, width: 32, train: 32, validation: 4, test: 4}
            model:
              segnet: {width: 0.05}
            training: {epochs: 2, batch-size: 4, learning-rate: 0.01}
            seeds: [1]
            strategies: [uniform, pcgrad]
            """;

        public StoredSweep()
        {
            File.WriteAllText(Folder.File("sweep.yaml"), Yaml);
            var (exitCode, output, error) = Kdmtl.Run("run", Folder.Path);
            exitCode.ShouldBe(0, output + error);
            (exitCode, output, error) = Kdmtl.Run("store", Folder.Path, "--by", "Ada Lovelace");
            exitCode.ShouldBe(0, output + error);
        }

        internal TemporaryFolder Folder { get; } = new();

        /// <summary>Every file, by name.</summary>
        public Dictionary<string, string> Bytes() => Directory.GetFiles(Folder.Path, "*", SearchOption.AllDirectories)
            .ToDictionary(file => file, file => Convert.ToHexString(File.ReadAllBytes(file)));

        internal TemporaryFolder Copy()
        {
            var copy = new TemporaryFolder();
            foreach (var file in Directory.GetFiles(Folder.Path, "*", SearchOption.AllDirectories))
            {
                var target = copy.File(Path.GetRelativePath(Folder.Path, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }

            return copy;
        }

        /// <summary>Stores the runs as they would be where this fact of their provenance is <c>other</c>.</summary>
        internal static void StoreWith(TemporaryFolder folder, string fact)
        {
            var store = new RunStore(folder.Output);
            foreach (var record in store.ReadAll().Records)
                store.Write(record with { Provenance = new Dictionary<string, string>(record.Provenance) { [fact] = "other" } });
            Kdmtl.Run("store", folder.Path).ExitCode.ShouldBe(0);
            Directory.Delete(folder.Output, recursive: true);
        }

        public void Dispose() => Folder.Dispose();
    }
}
