using System.Text;

namespace KdMtlBench.Tests.Formats;

/// <summary>Writes .npy, independently of the reader.</summary>
internal static class Npy
{
    public static byte[] Write(string descr, string shape, byte[] values, bool fortran = false, int version = 1)
    {
        var header = $"{{'descr': '{descr}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': ({shape}), }}\n";
        byte[] length = [(byte)header.Length, (byte)(header.Length >> 8)];
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. version == 1 ? Array.Empty<byte>() : [0, 0], .. Encoding.ASCII.GetBytes(header), .. values];
    }

    public static byte[] Write(string shape, params float[] values) => Write("<f4", shape, [.. values.SelectMany(BitConverter.GetBytes)]);
}
