using KdMtlBench.Contracts;
using KdMtlBench.Host.Plugins;
using KdMtlBench.Tests.Support;
using PublicApiGenerator;

namespace KdMtlBench.Tests.Plugins;

public class ContractTests
{
    /// <summary>A change here is a change for every plugin author: accept it by replacing the file, and say so in CHANGELOG.md.</summary>
    [Fact]
    public void Public_api_is_as_approved() =>
        typeof(Strategy).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false })
            .ShouldMatchApproved(c => c.WithFileExtension("verified.txt").WithFilenameGenerator((_, _, type, extension) => $"PublicApi.{(type == "received" ? "received." : "")}{extension}"));

    [Fact]
    public void The_readmes_example_strategy_compiles_loads_and_trains()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var source = readme.Split("```csharp\n")[1].Split("```")[0];
        using var root = new TemporaryFolder();
        PluginCompiler.Compile(root.Path, "Inverse", source);
        var entry = PluginCatalog.Load([root.Path]).Strategies.Entries.Single();
        entry.Id.ShouldBe("inverse-loss");
        var options = Activator.CreateInstance(entry.OptionsType!);
        using var run = Tiny.Run(Tiny.Spec() with { Strategies = [new Host.Sweeps.Component(entry, options, entry.Id, new Dictionary<string, string>())] });
        using var trainer = new Host.Training.Trainer(run);
        var weights = new List<IReadOnlyDictionary<string, double>>();
        trainer.Train(epoch => weights.Add(epoch.Weights), default);
        weights[^1].Values.Distinct().Count().ShouldBe(3);
    }
}
