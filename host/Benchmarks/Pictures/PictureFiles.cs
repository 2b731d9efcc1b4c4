namespace KdMtlBench.Host.Benchmarks.Pictures;

/// <summary>Which form of a data set is read.</summary>
public enum PictureFiles
{
    /// <summary>As its authors publish it.</summary>
    Original,

    /// <summary>The .npy folders of Liu, Johns &amp; Davison.</summary>
    Mtan,
}
