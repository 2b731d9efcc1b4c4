using System.Globalization;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Training.Networks;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Distillation;

/// <summary>The networks that single-task runs ended with: <c>teachers/&lt;run id&gt;.safetensors</c>.</summary>
/// <param name="sweepFolder">results/&lt;name&gt;. What the sweeps beside it keep is used where it holds the same network.</param>
/// <remarks>A file is known by the hash in it, of all that determines the network, not by its name.</remarks>
internal sealed class TeacherStore(string sweepFolder)
{
    private const string IdentityKey = "identity-sha256";
    private const string SecondsKey = "train-seconds";

    /// <summary>SHA-256, in lower-case hex, of all that determines a network: the run's settings, the code, the data, the
    /// processor and the versions below.</summary>
    public static string Identity(RunSpec baseline, string dataSha256, Device device) =>
        RunHash.Of(baseline.Settings, Provenance.Of(baseline, dataSha256, device, parallel: 1));

    public string PathOf(RunSpec baseline) => PathIn(sweepFolder, baseline);

    /// <summary>Keeps the network as it is; an earlier one of the same run is replaced.</summary>
    public void Save(RunSpec baseline, string identity, Network network, double trainSeconds) => TensorFile.Write(
        PathOf(baseline),
        new Dictionary<string, string>
        {
            ["run"] = baseline.Id,
            [IdentityKey] = identity,
            [SecondsKey] = trainSeconds.ToString("R", CultureInfo.InvariantCulture),
        },
        network.NamedTensors());

    /// <summary>Why this network cannot be had from a file; null where it can.</summary>
    public string? Missing(RunSpec baseline, string identity)
    {
        var (file, reason) = Find(baseline, identity);
        file?.Dispose();
        return file is null ? reason : null;
    }

    /// <summary>Gives a network the values that are kept.</summary>
    /// <returns>What training them took, in seconds.</returns>
    /// <exception cref="InputException">There is no such file, or it cannot be used.</exception>
    public double Load(RunSpec baseline, string identity, Network network)
    {
        var (file, reason) = Find(baseline, identity);
        using (file)
        {
            if (file is null)
                throw new InputException($"the teacher `{baseline.SingleTask}` cannot be had: {reason}");
            file.CopyTo(network.NamedTensors());
            network.Flat.ValuesChanged();
            return double.Parse(file.Metadata[SecondsKey], CultureInfo.InvariantCulture);
        }
    }

    private static string PathIn(string folder, RunSpec baseline) => Path.Combine(folder, "teachers", $"{baseline.Id}.safetensors");

    private (TensorFile? File, string Reason) Find(RunSpec baseline, string identity)
    {
        var reasons = new List<string>();
        foreach (var path in Candidates(baseline).Where(File.Exists))
        {
            try
            {
                var file = TensorFile.Open(path);
                if (file.Metadata.GetValueOrDefault(IdentityKey) == identity)
                    return (file, "");
                file.Dispose();
                reasons.Add($"{path} comes from other code, data, settings or another device");
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                reasons.Add($"{path} {e.Message}");
            }
        }

        return (null, reasons.Count > 0 ? string.Join("; ", reasons) : $"there is no {PathOf(baseline)}");
    }

    private IEnumerable<string> Candidates(RunSpec baseline) =>
        SweepFolders.Beside(sweepFolder).Prepend(sweepFolder).Select(folder => PathIn(folder, baseline));
}
