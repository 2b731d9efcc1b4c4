using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Performance.Peers;

/// <summary>tests/peers/peer.py in a Python process, asked a line at a time.</summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly Process _process;

    /// <param name="python">A Python that has torch; null for the first one on this machine.</param>
    /// <param name="script">peer.py.</param>
    /// <param name="file">What it works on.</param>
    /// <param name="threads">Processor threads of a step.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="tf32">Whether a GPU may use TF32 for float32.</param>
    /// <exception cref="InputException">There is no Python with torch.</exception>
    public PeerProcess(string? python, string script, string file, int threads, Device device, bool tf32)
    {
        var found = FindPython(python) ?? throw new InputException(
            $"there is no torch in {string.Join(" or ", Candidates(python))}: install PyTorch (Debian: apt-get install python3-torch) "
            + "or name a Python that has it by --python");
        _process = Start(found.Python, [script, file, threads.ToString(CultureInfo.InvariantCulture),
            device.type.ToString().ToLowerInvariant(), tf32.ToString()], errors: false)!;
        Version = Answer();
    }

    /// <summary><c>torch 2.10.0</c>.</summary>
    public string Version { get; }

    /// <summary>The ids of the strategies that it has.</summary>
    public IReadOnlyList<string> Strategies() => JsonSerializer.Deserialize<string[]>(Ask("strategies"))!;

    /// <summary>[steps][tasks] losses of the first steps, in float64.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Losses(string strategy, int steps) =>
        JsonSerializer.Deserialize<double[][]>(Ask($"losses {strategy} float64 {steps}"))!;

    /// <summary>Median milliseconds of so many more steps.</summary>
    public double Time(string strategy, string layout, int steps) => double.Parse(Ask($"time {strategy} {layout} {steps}"),
        CultureInfo.InvariantCulture);

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private string Ask(string question)
    {
        _process.StandardInput.WriteLine(question);
        _process.StandardInput.Flush();
        return Answer();
    }

    private string Answer() => _process.StandardOutput.ReadLine()
        ?? throw new InputException("the Python process has ended; what it said stands above");

    /// <summary>The first Python that has torch, and which one; null where none has.</summary>
    public static (string Python, string Version)? FindPython(string? python) =>
        Candidates(python).Select(candidate => (Python: candidate, Version: TorchOf(candidate)!)).Cast<(string Python, string Version)?>()
            .FirstOrDefault(found => found!.Value.Version is not null);

    private static string[] Candidates(string? python) => python is null ? ["python3", "/usr/bin/python3"] : [python];

    private static string? TorchOf(string python)
    {
        using var process = Start(python, ["-c", "import torch; print('torch', torch.__version__)"], errors: true);
        process?.StandardError.ReadToEnd();
        var version = process?.StandardOutput.ReadToEnd().Trim();
        process?.WaitForExit();
        return process?.ExitCode == 0 && !string.IsNullOrEmpty(version) ? version : null;
    }

    private static Process? Start(string program, IEnumerable<string> arguments, bool errors)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = errors, UseShellExecute = false,
        };
        foreach (var ours in new[] { "GLIBC_TUNABLES", "GOMP_SPINCOUNT", "OMP_WAIT_POLICY" }) // host/environment.sh; PyTorch is timed as its users start it
            start.Environment.Remove(ours);
        try
        {
            return Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // no such program
        }
    }
}
