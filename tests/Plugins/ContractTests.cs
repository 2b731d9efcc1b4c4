using System.Security.Cryptography;
using KdMtlBench.Host.Components;
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

    /// <summary>A changed API under an old version would be loaded by hosts that lack it.</summary>
    [Fact]
    public void The_version_moves_with_the_public_api()
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "tests", "Plugins", "PublicApi.versions.txt"));
        var versions = lines.Select(line => Version.Parse(line.Split(' ')[0])).ToList();
        versions.ShouldBe(versions.Distinct().Order());
        lines[^1].ShouldBe(
            $"{typeof(Strategy).Assembly.GetName().Version!.ToString(3)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "Plugins", "PublicApi.verified.txt"))))}",
            "the public API has changed: raise AssemblyVersion in contracts/KdMtlBench.Contracts.csproj and add a line with the new hash");
    }

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
        using var run = Tiny.Run(Tiny.Spec() with { Strategies = [new Host.Runs.Component(entry, options, entry.Id, new Dictionary<string, string>())] });
        using var trainer = new Host.Training.Trainer(run);
        var weights = new List<IReadOnlyDictionary<string, double>>();
        trainer.Train(epoch => weights.Add(epoch.Weights), default);
        weights[^1].Values.Distinct().Count().ShouldBe(3);
    }
}
