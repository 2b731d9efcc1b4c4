using System.Runtime.InteropServices;

namespace KdMtlBench.Host.Natives;

/// <summary>Lets libtorch obey <c>TORCH_CPP_LOG_LEVEL</c>, which only Python's binding tells it to read.</summary>
/// <remarks>Without it, libtorch 2.10 writes a line to standard error at each convolution that oneDNN does not take, on processors that NNPACK does
/// not know (virtual ones often): thousands a run.</remarks>
internal static class TorchLog
{
    /// <summary>To be called before the first tensor; nothing where this libtorch has no such function.</summary>
    public static void ObeyEnvironment()
    {
        try
        {
            InitLogging();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Its warnings are shown then.
        }
    }

    /// <summary>c10::initLogging().</summary>
    [DllImport("libc10.so", EntryPoint = "_ZN3c1011initLoggingEv"), DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern void InitLogging();
}
