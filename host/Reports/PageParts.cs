namespace KdMtlBench.Host.Reports;

/// <summary>The files of Page/, which are part of this program.</summary>
internal static class PageParts
{
    public const string Font = "DejaVuSans.ttf";

    public static Stream Open(string name) => typeof(PageParts).Assembly.GetManifestResourceStream("page." + name)
        ?? throw new InvalidOperationException($"this program lacks its part {name}");

    public static string Text(string name)
    {
        using var reader = new StreamReader(Open(name));
        return reader.ReadToEnd();
    }

    public static byte[] Bytes(string name)
    {
        using var part = Open(name);
        var bytes = new byte[part.Length];
        part.ReadExactly(bytes);
        return bytes;
    }
}
