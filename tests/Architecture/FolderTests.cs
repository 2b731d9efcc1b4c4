using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using KdMtlBench.Host.Commands;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Architecture;

/// <summary>Data flows one way: a folder of host/ uses only folders on lines above its own.</summary>
public class FolderTests
{
    private const string Root = "KdMtlBench.Host.";

    private static readonly string[][] _lines =
    [
        ["Formats", "Natives", "Options"],
        ["Components"],
        ["Runs"],
        ["Storage"],
        ["Benchmarks", "Models", "Downloads", "Results"],
        ["Training"],
        ["Sweeps"],
        ["Performance", "Reports", "Views"],
        ["Commands"],
    ];

    private static readonly Lazy<IReadOnlyList<IType>> _types = new(() =>
        [.. new ArchLoader().LoadAssembly(typeof(Application).Assembly).Build().Types.Where(type => type.FullName.StartsWith(Root, StringComparison.Ordinal))]);

    [Fact]
    public void Folders_use_each_other_in_one_direction()
    {
        var wrong =
            from type in _types.Value
            from dependency in type.Dependencies
            let user = Folder(type)
            let used = Folder(dependency.Target)
            where user is not null && used is not null && user != used && LineOf(used) >= LineOf(user)
            select $"{user} uses {used}: {type.FullName} names {dependency.Target.FullName}";

        wrong.Distinct().Order().ShouldBeEmpty();
    }

    [Fact]
    public void Every_folder_has_its_line() =>
        Directory.GetDirectories(Path.Combine(Repository.Root, "host")).Select(Path.GetFileName).Where(name => name is not ("bin" or "obj")).Order()
            .ShouldBe(_lines.SelectMany(line => line).Order());

    /// <summary>A line of its own for what lies in no folder: nothing may use it.</summary>
    private static int LineOf(string folder) => Array.FindIndex(_lines, line => line.Contains(folder)) is >= 0 and var line ? line : _lines.Length;

    private static string? Folder(IType type) =>
        type.FullName.StartsWith(Root, StringComparison.Ordinal) ? type.FullName[Root.Length..].Split('.', '/', '+')[0] : null;
}
