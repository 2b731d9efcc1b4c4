using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KdMtlBench.Tests.Support;

/// <summary>Makes plugin folders from source, with the usings that plugins/Directory.Build.props gives.</summary>
internal static class PluginCompiler
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using KdMtlBench.Contracts;
        global using KdMtlBench.Contracts.Benchmarks;
        global using KdMtlBench.Contracts.Models;
        global using TorchSharp;
        global using static TorchSharp.torch;
        global using Tensor = TorchSharp.torch.Tensor;
        global using DescriptionAttribute = System.ComponentModel.DescriptionAttribute;
        global using System.ComponentModel.DataAnnotations;
        """;

    /// <summary>Compiles a plugin into root/name/name.dll.</summary>
    /// <returns>The DLL.</returns>
    public static string Compile(string root, string name, string source, string? contracts = null) => Compile(root, name, [source], contracts);

    /// <inheritdoc cref="Compile(string, string, string, string?)"/>
    public static string Compile(string root, string name, IEnumerable<string> sources, string? contracts = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(root, name)).FullName;
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file) is not ("KdMtlBench.Contracts.dll" or "kdmtl.dll" or "ScottPlot.dll"))
            .Append(contracts ?? typeof(Strategy).Assembly.Location);
        return Emit(Path.Combine(folder, name + ".dll"), name, references, [Usings, .. sources]);
    }

    /// <summary>The contract as another version of itself would be: the same name, another number.</summary>
    public static string ContractsOfVersion(string folder, string version) => Emit(
        Path.Combine(folder, "KdMtlBench.Contracts.dll"),
        "KdMtlBench.Contracts",
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(file => Path.GetFileName(file) != "KdMtlBench.Contracts.dll"),
        $"[assembly: System.Reflection.AssemblyVersion(\"{version}\")]",
        "namespace KdMtlBench.Contracts { public interface Strategy { } public class StrategyAttribute : System.Attribute { } }",
        "namespace KdMtlBench.Contracts.Benchmarks { public interface IBenchmark { } } namespace KdMtlBench.Contracts.Models { public interface IModel { } }");

    private static string Emit(string file, string assembly, IEnumerable<string> references, params string[] sources)
    {
        var compilation = CSharpCompilation.Create(
            assembly,
            sources.Select(source => CSharpSyntaxTree.ParseText(source)),
            references.Select(reference => MetadataReference.CreateFromFile(reference)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        var result = compilation.Emit(file);
        result.Success.ShouldBeTrue(string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        return file;
    }
}
