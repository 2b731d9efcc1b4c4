using KdMtlBench.Host.Components;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Components;

public class PluginCatalogTests
{
    private const string Good = """
        [Strategy("good", Title = "Good", Paper = "none", Family = StrategyFamily.LossWeighting)]
        public sealed class Good : LossWeighting { protected override Tensor Weights(ITrainingStep step, Tensor losses) => losses; }
        """;

    [Fact]
    public void Every_built_plugin_folder_loads_in_a_context_of_its_own_and_shares_the_contract()
    {
        var catalog = PluginCatalog.Load([Repository.Plugins]);
        catalog.Problems.ShouldBeEmpty();
        var folders = Directory.GetDirectories(Path.Combine(Repository.Root, "plugins")).Where(folder => Directory.GetFiles(folder, "*.csproj").Length > 0);
        catalog.Strategies.Entries.Count().ShouldBe(folders.Count());
        catalog.Strategies.Entries.Select(entry => entry.Type.Assembly).Distinct().Count().ShouldBe(folders.Count());
        foreach (var entry in catalog.Strategies.Entries)
        {
            typeof(Strategy).IsAssignableFrom(entry.Type).ShouldBeTrue(entry.Id);
            entry.Id.ShouldMatch("^[a-z0-9]+(-[a-z0-9]+)*$");
            entry.FileSha256!.Length.ShouldBe(64);
        }
    }

    [Fact]
    public void A_new_folder_is_there_at_the_next_start()
    {
        using var root = new TemporaryFolder();
        PluginCatalog.Load([root.Path]).Strategies.Entries.ShouldBeEmpty();
        PluginCompiler.Compile(root.Path, "Good", Good);
        PluginCatalog.Load([root.Path]).Strategies.Entries.Single().Id.ShouldBe("good");
    }

    [Fact]
    public void A_folder_with_its_own_copy_of_the_contract_still_gives_the_hosts_types()
    {
        using var root = new TemporaryFolder();
        var dll = PluginCompiler.Compile(root.Path, "Good", Good);
        File.Copy(typeof(Strategy).Assembly.Location, Path.Combine(Path.GetDirectoryName(dll)!, "KdMtlBench.Contracts.dll"));
        var catalog = PluginCatalog.Load([root.Path]);
        catalog.Problems.ShouldBeEmpty();
        catalog.Strategies.Entries.Single().Create(null).ShouldBeAssignableTo<Strategy>();
    }

    [Fact]
    public void A_folder_without_a_strategy_is_named_and_the_others_load()
    {
        using var root = new TemporaryFolder();
        PluginCompiler.Compile(root.Path, "Empty", "public class Nothing { public Tensor? T; public Strategy? S; }");
        PluginCompiler.Compile(root.Path, "Good", Good);
        var catalog = PluginCatalog.Load([root.Path]);
        catalog.Strategies.Entries.Single().Id.ShouldBe("good");
        catalog.Problems.Single().ShouldContain("Empty.dll: nothing in it that a sweep could name; make a public class that implements Strategy and carries [Strategy] or IBenchmark and carries [Benchmark] or IModel and carries [Model]");
    }

    [Fact]
    public void Two_plugins_of_one_id_are_both_left_out_and_both_named()
    {
        using var root = new TemporaryFolder();
        PluginCompiler.Compile(root.Path, "First", Good);
        PluginCompiler.Compile(root.Path, "Second", Good);
        var catalog = PluginCatalog.Load([root.Path]);
        catalog.Strategies.Find("good").ShouldBeNull();
        catalog.Problems.Single().ShouldContain("the id `good` is claimed by Good in");
        catalog.Problems.Single().ShouldContain("Second");
    }

    [Fact]
    public void What_the_user_gives_comes_beside_the_others_and_goes_before_one_of_the_same_id()
    {
        using var own = new TemporaryFolder();
        using var given = new TemporaryFolder();
        PluginCompiler.Compile(own.Path, "Good", Good);
        PluginCompiler.Compile(own.Path, "Other", Good.Replace("good", "other").Replace("class Good", "class Other"));
        PluginCompiler.Compile(given.Path, "Better", Good.Replace("class Good", "class Better"));
        var catalog = PluginCatalog.Load([own.Path], [given.Path]);
        catalog.Strategies.Entries.Select(entry => entry.Type.Name).ShouldBe(["Better", "Other"]);
        catalog.Problems.ShouldBe([$"`good` is the one in {given.File("Better")}, which --plugins gives, and not the one in {own.File("Good")}"]);
    }

    [Fact]
    public void The_same_file_in_two_folders_is_one_plugin_and_one_folder_given_again_is_one_folder()
    {
        using var own = new TemporaryFolder();
        using var copy = new TemporaryFolder();
        var dll = PluginCompiler.Compile(own.Path, "Good", Good);
        Directory.CreateDirectory(copy.File("Good"));
        File.Copy(dll, copy.File("Good/Good.dll"));
        var catalog = PluginCatalog.Load([own.Path], [copy.Path, own.Path + "/"]);
        catalog.Strategies.Entries.Single().Id.ShouldBe("good");
        catalog.Problems.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("plugins/Good", "{0}/plugins/Good: holds Good.dll itself, so it is a plugin's own folder", "give {0}/plugins")]
    [InlineData("", "{0}: no plugin in it", "give {0}/plugins")]
    [InlineData("empty", "{0}/empty: no plugin in it (it has no folders)", "a plugin is a folder NAME with NAME.dll in it")]
    [InlineData("sources", "{0}/sources: holds projects that are not built", "put their folders into plugins/ of the checkout")]
    [InlineData("other", "{0}/other: no plugin in it (looked in data, notes)", "and --plugins takes the folder around it")]
    public void A_folder_one_level_off_is_told_what_was_expected(string given, string problem, string advice)
    {
        using var root = new TemporaryFolder();
        PluginCompiler.Compile(root.File("plugins"), "Good", Good);
        foreach (var folder in new[] { "empty", "sources/Mine", "other/data", "other/notes" })
            Directory.CreateDirectory(root.File(folder));
        File.WriteAllText(root.File("sources/Mine/Mine.csproj"), "<Project />");
        var catalog = PluginCatalog.Load([], [Path.TrimEndingDirectorySeparator(root.File(given))]);
        catalog.Problems.Single().ShouldStartWith(string.Format(problem, root.Path));
        catalog.Problems.Single().ShouldContain(string.Format(advice, root.Path));
    }

    [Theory]
    [InlineData("9.0.0.0")]
    [InlineData("2.0.0.0")] // an earlier preview
    public void A_plugin_built_against_another_contract_is_refused_with_both_versions(string version)
    {
        using var root = new TemporaryFolder();
        using var other = new TemporaryFolder();
        var contracts = PluginCompiler.ContractsOfVersion(other.Path, version);
        PluginCompiler.Compile(root.Path, "Old", "[Strategy] public class Old : Strategy { }", contracts);
        PluginCatalog.Load([root.Path]).Problems.Single().ShouldContain(
            $"built against KdMtlBench.Contracts {version}, this host has {typeof(Strategy).Assembly.GetName().Version}; rebuild the plugin");
    }

    [Fact]
    public void A_file_that_is_no_assembly_is_named()
    {
        using var root = new TemporaryFolder();
        Directory.CreateDirectory(root.File("Junk"));
        File.WriteAllText(root.File("Junk/Junk.dll"), "not an assembly");
        PluginCatalog.Load([root.Path]).Problems.Single().ShouldContain("Junk.dll: not a .NET assembly");
    }

    [Fact]
    public void A_strategy_without_an_id_and_a_missing_root_are_named()
    {
        using var root = new TemporaryFolder();
        PluginCompiler.Compile(root.Path, "Nameless", "public sealed class Nameless : LossWeighting { protected override Tensor Weights(ITrainingStep step, Tensor losses) => losses; }");
        var problems = PluginCatalog.Load([root.Path, root.File("absent")]).Problems;
        problems.ShouldContain(problem => problem.Contains("Nameless has no [Strategy] attribute"));
        problems.ShouldContain(problem => problem.Contains("no such folder of plugins"));
    }

    [Fact]
    public void An_exception_of_a_constructor_comes_through_as_itself()
    {
        using var root = new TemporaryFolder();
        PluginCompiler.Compile(root.Path, "Thrower", """
            [Strategy("thrower", Title = "", Paper = "", Family = StrategyFamily.Gradient)]
            public sealed class Thrower : LossWeighting { public Thrower() => throw new System.IO.IOException("no licence"); protected override Tensor Weights(ITrainingStep step, Tensor losses) => losses; }
            """);
        var entry = PluginCatalog.Load([root.Path]).Strategies.Find("thrower")!;
        Should.Throw<IOException>(() => entry.Create(null)).Message.ShouldBe("no licence");
    }
}
