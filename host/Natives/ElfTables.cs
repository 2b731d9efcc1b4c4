using System.Buffers.Binary;
using ELFSharp.ELF;
using ELFSharp.ELF.Sections;

namespace KdMtlBench.Host.Natives;

/// <summary>A place that the loader fills with an address.</summary>
/// <param name="Type">As the ABI of x86-64 counts them.</param>
/// <param name="Symbol">Whose address; empty for <see cref="Relative"/>.</param>
/// <param name="Addend">Added to it; alone, an address in the library itself.</param>
internal readonly record struct Relocation(uint Type, string Symbol, ulong Addend)
{
    public const uint Absolute = 1, GlobalData = 6, JumpSlot = 7, Relative = 8, ThreadModule = 16, ThreadOffset = 17;
}

/// <summary>The tables of a shared library's file that <see cref="SharedLibrary"/> is made of.</summary>
internal static class ElfTables
{
    private const int RelocationBytes = 24;

    /// <exception cref="InvalidDataException">There is no such table.</exception>
    public static IReadOnlyList<SymbolEntry<ulong>> Symbols(ELF<ulong> file, string section) =>
        file.TryGetSection(section, out var found) && found is SymbolTable<ulong> table
            ? [.. table.Entries]
            : throw new InvalidDataException($"there is no table of symbols {section}");

    /// <summary>By the place that is filled. ELFSharp gives such sections as bytes only.</summary>
    /// <param name="file">The library.</param>
    /// <param name="symbols">Of <c>.dynsym</c>, in order.</param>
    public static IEnumerable<(ulong Place, Relocation Relocation)> Relocations(ELF<ulong> file, IReadOnlyList<SymbolEntry<ulong>> symbols)
    {
        foreach (var section in file.Sections.Where(section => section.Type == SectionType.RelocationAddends))
        {
            var content = section.GetContents();
            for (var at = 0; at + RelocationBytes <= content.Length; at += RelocationBytes)
            {
                var info = Number(content, at + 8);
                if ((uint)info is Relocation.Absolute or Relocation.GlobalData or Relocation.JumpSlot or Relocation.Relative
                    or Relocation.ThreadModule or Relocation.ThreadOffset)
                    yield return (Number(content, at), new Relocation((uint)info, symbols[(int)(info >> 32)].Name, Number(content,
                        at + 16)));
            }
        }
    }

    private static ulong Number(byte[] content, int at) => BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan(at));
}
