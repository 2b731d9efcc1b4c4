using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using McMaster.NETCore.Plugins;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Components;

/// <summary>One folder with a plugin's DLL and what that needs for itself.</summary>
/// <remarks>The contract's assembly and TorchSharp are shared with the host whatever the folder holds, so that a
/// plugin's tensors are the host's tensors. The only file that knows McMaster.NETCore.Plugins.</remarks>
internal static class PluginFolder
{
    private static readonly AssemblyName Contract = typeof(Strategy).Assembly.GetName();

    /// <summary>The plugin's DLL: the one named like the folder, or the only one beside the shared assemblies; null
    /// where the folder holds no DLL (the source folder of a plugin).</summary>
    /// <exception cref="PluginException">Several DLLs and none named like the folder.</exception>
    public static string? FindDll(string folder)
    {
        var named = Path.Combine(folder, Path.GetFileName(folder) + ".dll");
        if (File.Exists(named))
            return named;
        string[] shared = [Contract.Name + ".dll", "TorchSharp.dll"];
        var others = Directory.GetFiles(folder, "*.dll").Where(dll => !shared.Contains(Path.GetFileName(dll))).Order(StringComparer.Ordinal).ToList();
        return others.Count <= 1
            ? others.SingleOrDefault()
            : throw new PluginException($"{folder}: {others.Count} DLLs and none named {Path.GetFileName(named)}; name the folder like the plugin's DLL");
    }

    /// <summary>Loads the DLL in a context of its own and gives its strategies, benchmarks and models.</summary>
    /// <exception cref="PluginException">Not an assembly, another contract, or nothing in it that a sweep could name.</exception>
    public static IReadOnlyList<(ComponentKind Kind, CatalogEntry Entry)> Load(string dll)
    {
        RefuseAnotherContract(dll);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(dll)));
        Type[] types;
        try
        {
            var loader = PluginLoader.CreateFromAssemblyFile(
                dll,
                [typeof(Strategy), typeof(Tensor)],
                config => config.LoadInMemory = true); // the file may be rebuilt while it is in use
            types = loader.LoadDefaultAssembly().GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            throw new PluginException($"{dll}: {e.LoaderExceptions.FirstOrDefault()?.Message ?? e.Message}; rebuild it against KdMtlBench.Contracts {Contract.Version}", e);
        }
        catch (Exception e) when (e is IOException or BadImageFormatException)
        {
            throw new PluginException($"{dll}: {e.Message}", e);
        }

        var plugins = ComponentKind.All.SelectMany(kind => types.Where(kind.Includes).Select(type => (kind, Entry(dll, kind, type, sha256)))).ToList();
        return plugins.Count > 0 ? plugins : throw new PluginException($"{dll}: nothing in it that a sweep could name; make a public class that implements "
            + string.Join(" or ", ComponentKind.All.Select(kind => $"{kind.Interface.Name} and carries {kind.AttributeName}")));
    }

    private static CatalogEntry Entry(string dll, ComponentKind kind, Type type, string sha256)
    {
        var entry = kind.Describe(type, sha256)
            ?? throw new PluginException($"{dll}: the {kind.Name} {type.Name} has no {kind.AttributeName} attribute; give it one with its id");
        if (type.GetConstructors() is not [{ } constructor] || constructor.GetParameters().Length > 1)
            throw new PluginException($"{dll}: the {kind.Name} {type.Name} needs exactly one public constructor, with its options record or nothing");
        return entry;
    }

    private static void RefuseAnotherContract(string dll)
    {
        Version? version;
        try
        {
            using var file = File.OpenRead(dll);
            using var image = new PEReader(file);
            var metadata = image.GetMetadataReader();
            version = metadata.AssemblyReferences.Select(metadata.GetAssemblyReference)
                .Where(reference => metadata.GetString(reference.Name) == Contract.Name)
                .Select(reference => reference.Version).FirstOrDefault();
        }
        catch (Exception e) when (e is BadImageFormatException or InvalidOperationException)
        {
            throw new PluginException($"{dll}: not a .NET assembly ({e.Message})", e);
        }

        if (version is null)
            throw new PluginException($"{dll}: no plugin; it does not even reference {Contract.Name}");
        if (version != Contract.Version) // as long as the contract is a preview; after it: another major, or a later one than the host's
            throw new PluginException($"{dll}: built against {Contract.Name} {version}, this host has {Contract.Version}; rebuild the plugin against the host's");
    }
}
