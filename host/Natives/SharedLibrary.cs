using System.Buffers.Binary;
using ELFSharp.ELF;
using ELFSharp.ELF.Sections;

namespace KdMtlBench.Host.Natives;

/// <summary>A shared library's file: what it offers, and what each of its functions needs of other libraries.</summary>
/// <remarks>ELFSharp reads sections and symbols. It knows neither relocations nor code, so those are read here: which symbol belongs
/// to which place, and which place a function names. Every four bytes of a function that lead, as x86-64 counts from the next instruction,
/// to the start of another function, of a jump to another library or into a table of functions are taken for a use of it. That
/// finds calls, jumps and addresses without disassembling; by chance it may find a use too many.</remarks>
internal sealed class SharedLibrary
{
    private static ReadOnlySpan<byte> JumpThrough => [0xFF, 0x25];

    private readonly Dictionary<ulong, (string Name, byte[] Code)> _functions = [];
    private readonly Dictionary<string, ulong> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, string> _jumps = [];
    private readonly SortedList<ulong, ulong> _tables = [];
    private readonly Dictionary<ulong, Relocation> _relocations = [];
    private readonly Dictionary<ulong, Uses> _uses = [];

    private SharedLibrary(ELF<ulong> file)
    {
        var dynamic = ElfTables.Symbols(file, ".dynsym");
        Exports = Names(dynamic.Where(symbol => symbol.PointedSectionIndex != 0 && symbol.Binding != SymbolBinding.Local));
        foreach (var (place, relocation) in ElfTables.Relocations(file, dynamic))
            _relocations[place] = relocation;
        Imports = Names(dynamic.Where(symbol => symbol is { PointedSectionIndex: 0, Binding: SymbolBinding.Global }));
        AtLoad = _relocations.Values.Where(relocation => relocation.Type != Relocation.JumpSlot && Imports.Contains(relocation.Symbol))
            .Select(relocation => relocation.Symbol).ToHashSet(StringComparer.Ordinal);
        ReadFunctions(file, file.TryGetSection(".symtab", out _) ? ElfTables.Symbols(file, ".symtab") : dynamic);
        ReadJumps(file);
    }

    /// <summary>What other libraries and programs can ask it for.</summary>
    public IReadOnlySet<string> Exports { get; }

    /// <summary>All it asks other libraries for and cannot do without.</summary>
    public IReadOnlySet<string> Imports { get; }

    /// <summary>Of <see cref="Imports"/>, those without which it cannot be loaded: data, tables and addresses of functions. The others
    /// are looked up when they
    /// are first called, and end the process when they are missing.</summary>
    public IReadOnlySet<string> AtLoad { get; }

    /// <exception cref="InputException">The file is no shared library for x86-64, or is damaged.</exception>
    public static SharedLibrary Read(string path)
    {
        try
        {
            if (!ELFReader.TryLoad(path, out ELF<ulong> file))
                throw new InputException($"{path} is no shared library for a 64-bit processor");
            using (file)
                return file.Machine == Machine.AMD64 ? new SharedLibrary(file)
                    : throw new InputException($"{path} is for {file.Machine}, not for x86-64");
        }
#pragma warning disable CA1031 // what ELFSharp throws at a damaged file is not documented: it may be anything
        catch (Exception e) when (e is not (InputException or FileNotFoundException or UnauthorizedAccessException))
#pragma warning restore CA1031
        {
            throw new InputException($"{path} is damaged: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Of <see cref="Imports"/>, those that may be called once this function of <see cref="Exports"/> is.</summary>
    public IReadOnlySet<string> NeededBy(string export)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<ulong>();
        var open = new Stack<ulong>();
        if (_byName.TryGetValue(export, out var start))
            open.Push(start);
        while (open.TryPop(out var function))
        {
            if (!seen.Add(function))
                continue;
            var uses = UsesOf(function);
            needed.UnionWith(uses.Imports);
            foreach (var next in uses.Functions)
                open.Push(next);
        }

        return needed;
    }

    private Uses UsesOf(ulong start)
    {
        if (_uses.TryGetValue(start, out var uses))
            return uses;
        _uses[start] = uses = new Uses([], []);
        var (name, code) = _functions[start];
        if (_byName.TryGetValue(name + ".cold", out var cold)) // the compiler's name for the part that is seldom run
            uses.Functions.Add(cold);
        for (var i = 0; i + 4 <= code.Length; i++)
        {
            var place = start + (ulong)(i + 4) + (ulong)BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(i));
            if (_jumps.TryGetValue(place, out var symbol))
                Add(uses, symbol);
            else if (_functions.ContainsKey(place))
                uses.Functions.Add(place);
            else if (_relocations.TryGetValue(place, out var relocation))
                Add(uses, relocation);
            else
                AddTable(uses, place);
        }

        return uses;
    }

    /// <summary>All that the table at a place names, such as the virtual functions of a class.</summary>
    private void AddTable(Uses uses, ulong place)
    {
        var keys = _tables.Keys;
        var (low, high) = (0, keys.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            (low, high) = keys[middle] <= place ? (middle + 1, high) : (low, middle - 1);
        }

        if (high < 0 || place - keys[high] >= _tables.Values[high])
            return;
        for (var entry = keys[high]; entry < keys[high] + _tables.Values[high]; entry += 8)
            if (_relocations.TryGetValue(entry, out var relocation))
                Add(uses, relocation);
    }

    private void Add(Uses uses, Relocation relocation)
    {
        if (relocation.Type != Relocation.Relative)
            Add(uses, relocation.Symbol);
        else if (_functions.ContainsKey(relocation.Addend))
            uses.Functions.Add(relocation.Addend);
    }

    private void Add(Uses uses, string symbol)
    {
        if (Imports.Contains(symbol))
            uses.Imports.Add(symbol);
        else if (_byName.TryGetValue(symbol, out var start))
            uses.Functions.Add(start);
    }

    private void ReadFunctions(ELF<ulong> file, IReadOnlyList<SymbolEntry<ulong>> symbols)
    {
        var code = file.Sections.OfType<Section<ulong>>().Where(section => section.Flags.HasFlag(SectionFlags.Executable))
            .Select(section => (section.LoadAddress, Content: section.GetContents())).ToList();
        foreach (var symbol in symbols.Where(symbol => symbol.PointedSectionIndex != 0 && symbol.Size > 0))
        {
            if (symbol.Type == SymbolType.Object)
                _tables[symbol.Value] = symbol.Size;
            if (symbol.Type != SymbolType.Function)
                continue;
            var (start, content) = code.Find(section => symbol.Value >= section.LoadAddress
                && symbol.Value - section.LoadAddress < (ulong)section.Content.Length);
            if (content is null)
                throw new InvalidDataException($"the function {symbol.Name} lies outside the code");
            _functions[symbol.Value] = (symbol.Name, content.AsSpan((int)(symbol.Value - start), (int)symbol.Size).ToArray());
            _byName[symbol.Name] = symbol.Value;
        }
    }

    /// <summary>The short pieces of code through which functions of other libraries are called: each jumps to where a relocation writes
    /// an address.</summary>
    private void ReadJumps(ELF<ulong> file)
    {
        foreach (var section in file.Sections.OfType<Section<ulong>>().Where(section => section.Name.StartsWith(".plt")))
        {
            var content = section.GetContents();
            var step = section.Name == ".plt.got" ? 8 : 16;
            for (var slot = 0; slot + step <= content.Length; slot += step)
            {
                var jump = content.AsSpan(slot, step).IndexOf(JumpThrough);
                if (jump < 0 || jump + 6 > step)
                    continue;
                var distance = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(slot + jump + 2));
                var place = section.LoadAddress + (ulong)(slot + jump + 6) + (ulong)distance;
                if (_relocations.TryGetValue(place, out var relocation))
                    _jumps[section.LoadAddress + (ulong)slot] = relocation.Symbol;
            }
        }
    }

    private static HashSet<string> Names(IEnumerable<SymbolEntry<ulong>> symbols) => symbols.Select(symbol =>
        symbol.Name).ToHashSet(StringComparer.Ordinal);

    private sealed record Uses(HashSet<string> Imports, HashSet<ulong> Functions);
}
