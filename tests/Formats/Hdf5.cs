using System.Text;
using PureHDF;
using PureHDF.Filters;

namespace KdMtlBench.Tests.Formats;

/// <summary>Writes small HDF5 files as MATLAB 7.3 lays them out: a user block of 512 bytes, then chunks packed by deflate.</summary>
internal static class Hdf5
{
    /// <param name="path">Where to.</param>
    /// <param name="arrays">Name, multidimensional array, chunk lengths.</param>
    public static void Write(string path, params (string Name, Array Values, uint[] Chunks)[] arrays)
    {
        var file = new H5File();
        foreach (var (name, values, chunks) in arrays)
            file[name] = new H5Dataset(values, chunks);
        file.Write(path, new H5WriteOptions(UserBlockSize: 512, Filters: [DeflateFilter.Id]));
        using var stream = File.OpenWrite(path);
        stream.Write(Encoding.ASCII.GetBytes("MATLAB 7.3 MAT-file, written by a test".PadRight(124)));
        stream.Write([0, 2, (byte)'I', (byte)'M']);
    }
}
