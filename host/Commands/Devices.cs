using System.Globalization;
using TorchSharp;
using Device = TorchSharp.torch.Device;

namespace KdMtlBench.Host.Commands;

/// <summary>The devices that <c>--device</c> names.</summary>
internal static class Devices
{
    /// <summary><c>cuda:0,cuda:1</c> as its parts, a worker each; whether they are there is found out by the workers.</summary>
    /// <exception cref="InputException">One is none.</exception>
    public static IReadOnlyList<string> Listed(string names)
    {
        var all = names.Split(',', StringSplitOptions.TrimEntries);
        return Array.Find(all, name => !IsOne(name)) is { } odd ? throw Unknown(odd) : all;
    }

    /// <summary>The one device of this process.</summary>
    /// <exception cref="InputException">It is not there, or there are several.</exception>
    public static Device Named(string name) => name switch
    {
        "cpu" => torch.CPU,
        "cuda" when torch.cuda.is_available() => torch.CUDA,
        "cuda" => throw new InputException("device `cuda`: this libtorch sees none; build with -p:TorchBackend=cuda on a machine with a GPU, or take `cpu`"),
        "auto" => torch.cuda.is_available() ? torch.CUDA : torch.CPU,
        _ => throw Unknown(name),
    };

    /// <summary>For what runs in this process: the first of those listed.</summary>
    public static Device First(string names) => Named(Listed(names)[0].Split(':')[0]);

    private static bool IsOne(string name) => name is "cpu" or "cuda" or "auto"
        || (name.Split(':') is ["cuda", var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _));

    private static InputException Unknown(string name) => new($"device `{name}`: take cpu, cuda, cuda:1 or auto, or several with commas between them, a worker each");
}
