using System.Numerics;
using System.Runtime.InteropServices;

namespace KdMtlBench.Host.Formats;

/// <summary>What a variable of a .mat file holds.</summary>
/// <param name="Dimensions">Lengths of the axes, at least two; the first varies fastest.</param>
public abstract record MatValue(IReadOnlyList<int> Dimensions)
{
    public int Count => Dimensions.Aggregate(1, (product, length) => product * length);
}

/// <summary>How numbers are stored; the members' values are the file's.</summary>
public enum MatNumberType
{
    Int8 = 1,
    UInt8 = 2,
    Int16 = 3,
    UInt16 = 4,
    Int32 = 5,
    UInt32 = 6,
    Single = 7,
    Double = 9,
    Int64 = 12,
    UInt64 = 13,
}

/// <summary>Numbers or logicals; of complex ones the real part.</summary>
/// <param name="Dimensions">Lengths of the axes; the first varies fastest.</param>
/// <param name="Type">As stored, which may be narrower than MATLAB's class: small doubles are stored as bytes.</param>
/// <param name="Bytes">The values in the file's order.</param>
public sealed record MatNumbers(IReadOnlyList<int> Dimensions, MatNumberType Type, byte[] Bytes) : MatValue(Dimensions)
{
    public double[] ToDoubles() => Type switch
    {
        MatNumberType.Int8 => Cast<sbyte>(),
        MatNumberType.UInt8 => Cast<byte>(),
        MatNumberType.Int16 => Cast<short>(),
        MatNumberType.UInt16 => Cast<ushort>(),
        MatNumberType.Int32 => Cast<int>(),
        MatNumberType.UInt32 => Cast<uint>(),
        MatNumberType.Single => Cast<float>(),
        MatNumberType.Double => Cast<double>(),
        MatNumberType.Int64 => Cast<long>(),
        _ => Cast<ulong>(),
    };

    private double[] Cast<T>()
        where T : unmanaged, INumberBase<T>
    {
        var values = MemoryMarshal.Cast<byte, T>(Bytes);
        var doubles = new double[values.Length];
        for (var i = 0; i < values.Length; i++)
            doubles[i] = double.CreateTruncating(values[i]);
        return doubles;
    }
}

/// <summary>Characters, column by column.</summary>
public sealed record MatText(IReadOnlyList<int> Dimensions, string Text) : MatValue(Dimensions);

/// <summary>A cell array.</summary>
public sealed record MatCells(IReadOnlyList<int> Dimensions, IReadOnlyList<MatValue> Items) : MatValue(Dimensions);

/// <summary>An array of structures: of each field one value an element.</summary>
public sealed record MatStructs(IReadOnlyList<int> Dimensions, IReadOnlyDictionary<string, IReadOnlyList<MatValue>> Fields) : MatValue(Dimensions);
