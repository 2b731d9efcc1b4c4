using System.Runtime.InteropServices;

namespace KdMtlBench.Host.Natives;

/// <summary>Whether a libtorch has everything by name that this program, its plugins and TorchSharp need of it. Nothing is
/// called.</summary>
/// <remarks>C++ writes the types of a function's parameters into its name, so that a function which changed goes by another name. Whether
/// one
/// of the same name still does the same is not told.</remarks>
internal sealed record LibtorchFit
{
    private const string Shim = "libLibTorchSharp.so";

    /// <summary>TorchSharp's native functions that this program and its plugins can reach.</summary>
    public required IReadOnlyCollection<string> Called { get; init; }

    /// <summary>Of these, the ones that its native library does not have.</summary>
    public required IReadOnlyCollection<string> NotOffered { get; init; }

    /// <summary>How many functions and data of other libraries these need, with those that are needed at load.</summary>
    public required int Needed { get; init; }

    /// <summary>Without these TorchSharp's native library cannot be loaded.</summary>
    public required IReadOnlyCollection<string> MissingAtLoad { get; init; }

    /// <summary>Without these a call ends the process, by the first function of TorchSharp's that leads to it.</summary>
    public required IReadOnlyDictionary<string, string> MissingInCalls { get; init; }

    /// <summary>Missing too, but only for what nothing here calls.</summary>
    public required IReadOnlyCollection<string> MissingElsewhere { get; init; }

    public bool Fits => NotOffered.Count + MissingAtLoad.Count + MissingInCalls.Count == 0;

    /// <summary>One sentence.</summary>
    public string Summary
    {
        get
        {
            var missing = MissingAtLoad.Count + MissingInCalls.Count;
            var found = Fits ? "all are there" : $"{missing} of which are missing{(NotOffered.Count > 0 ? $"; {NotOffered.Count} are not in {Shim}" : "")}";
            return $"{Called.Count} native functions of TorchSharp can be called here; they need {Needed} functions and data of others, {found}";
        }
    }

    /// <param name="program">The folder with TorchSharp.dll and libLibTorchSharp.so.</param>
    /// <param name="callers">The assemblies that use TorchSharp.</param>
    /// <param name="resolves">Whether a name is found in the libraries that are loaded.</param>
    /// <exception cref="InputException">The native library is damaged.</exception>
    public static LibtorchFit Of(string program, IEnumerable<string> callers, Func<string, bool> resolves)
    {
        var shim = SharedLibrary.Read(Path.Combine(program, Shim));
        var called = EntryPoints.Of(Path.Combine(program, "TorchSharp.dll"), callers);
        var needed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var function in called)
            foreach (var symbol in shim.NeededBy(function))
                needed.TryAdd(symbol, function);
        var missing = shim.Imports.Where(symbol => !resolves(symbol)).Order(StringComparer.Ordinal).ToList();
        return new LibtorchFit
        {
            Called = called,
            NotOffered = [.. called.Where(function => !shim.Exports.Contains(function))],
            Needed = needed.Keys.Union(shim.AtLoad, StringComparer.Ordinal).Count(),
            MissingAtLoad = [.. missing.Where(shim.AtLoad.Contains)],
            MissingInCalls = missing.Where(symbol => needed.ContainsKey(symbol) && !shim.AtLoad.Contains(symbol)).ToDictionary(symbol =>
                symbol, symbol => needed[symbol]),
            MissingElsewhere = [.. missing.Where(symbol => !needed.ContainsKey(symbol) && !shim.AtLoad.Contains(symbol))],
        };
    }

    /// <summary>Looks a name up in these libraries and all that they loaded.</summary>
    public static Func<string, bool> In(IReadOnlyList<IntPtr> libraries) =>
        symbol => libraries.Any(library => NativeLibrary.TryGetExport(library, symbol, out _));
}
