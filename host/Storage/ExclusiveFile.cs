using System.Runtime.InteropServices;

namespace KdMtlBench.Host.Storage;

/// <summary>Creates a file with its content, and only where there is none of its name, whichever machine of a shared file system asks for it.</summary>
internal static class ExclusiveFile
{
    private const int Exists = 17; // EEXIST

    /// <summary>True for one caller only. A second one with the very same text is taken for the first, whose answer got lost on the way.</summary>
    /// <param name="path">In a folder that is there.</param>
    /// <param name="text">Not the same in any two callers.</param>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    public static bool TryCreate(string path, string text)
    {
        var draft = $"{path}.{Guid.NewGuid():N}";
        try
        {
            File.WriteAllText(draft, text);
            if (Link(draft, path) == 0)
                return true;
            return Marshal.GetLastPInvokeError() == Exists ? File.ReadAllText(path) == text : TryCreateWithoutLinks(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{path} cannot be written: {e.Message}", e);
        }
        finally
        {
            AtomicFile.DeleteIfPossible(draft);
        }
    }

    /// <summary>For file systems that know no hard links.</summary>
    private static bool TryCreateWithoutLinks(string path, string text)
    {
        try
        {
            using var file = new StreamWriter(new FileStream(path, FileMode.CreateNew));
            file.Write(text);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string existing, [MarshalAs(UnmanagedType.LPUTF8Str)] string created);
}
