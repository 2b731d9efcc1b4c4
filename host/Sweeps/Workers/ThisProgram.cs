using System.Reflection;

namespace KdMtlBench.Host.Sweeps.Workers;

/// <summary>How this program is started again.</summary>
internal static class ThisProgram
{
    /// <summary>The file to execute and what goes before the program's own arguments.</summary>
    public static IReadOnlyList<string> Words { get; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [Environment.ProcessPath!, Assembly.GetExecutingAssembly().Location]
        : [Environment.ProcessPath!];
}
