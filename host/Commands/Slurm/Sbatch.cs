using System.ComponentModel;
using System.Diagnostics;

namespace KdMtlBench.Host.Commands.Slurm;

/// <summary>Slurm's command that takes jobs.</summary>
internal static class Sbatch
{
    /// <returns>The job's number.</returns>
    /// <exception cref="InputException">There is no Slurm here, or it refuses the script.</exception>
    public static string Submit(string script, params string[] options)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("sbatch", ["--parsable", .. options, script])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? output.Split(';')[0] : throw new InputException($"sbatch refuses {script}: {error.Result.Trim()}");
        }
        catch (Win32Exception)
        {
            throw new InputException($"there is no `sbatch` here: submit {script} where jobs are submitted, or take --print, which only writes the scripts");
        }
    }
}
