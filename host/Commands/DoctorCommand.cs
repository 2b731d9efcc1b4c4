using System.Collections;
using System.CommandLine;
using KdMtlBench.Host.Commands.Doctor;
using KdMtlBench.Host.Components;
using KdMtlBench.Host.Natives;
using Microsoft.Extensions.DependencyInjection;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl doctor</c>: what this machine and installation are like, and what to do about what is missing.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Folder of data sets. KDMTL_DATA" };
        var device = new Option<string?>("--device") { Description = "The device for runs: cpu, cuda or auto. KDMTL_DEVICE" };
        device.AcceptOnlyFromAmong("cpu", "cuda", "auto");
        var command = new Command("doctor", "Check whether this machine can run sweeps (0 yes, 1 no), and what is missing; for bug reports")
        {
            data, device, Application.Plugins,
        };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?>
            {
                ["data"] = parse.GetValue(data),
                ["device"] = parse.GetValue(device),
                ["plugins"] = parse.GetValue(Application.Plugins),
            },
            (services, _) => Examine(services),
            libtorch: false));
        return command;
    }

    private static int Examine(IServiceProvider services)
    {
        var settings = services.GetRequiredService<ApplicationSettings>();
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
        IEnumerable<Finding>[] groups =
        [
            MachineFindings.Of(environment),
            LibtorchFindings.Of(
                environment.GetValueOrDefault(InstalledLibtorch.Variable), AppContext.BaseDirectory,
                    Application.UsersOfTorchSharp(services), settings.Device),
            ComponentFindings.Of(services.GetRequiredService<PluginCatalog>(), DataRoot.Choose(settings.Data)),
        ];
        var missing = 0;
        foreach (var finding in groups.SelectMany(group => group))
        {
            Console.WriteLine(finding); // plain, however wide the terminal: it goes into bug reports
            missing += finding.State == FindingState.Missing ? 1 : 0;
        }

        Console.WriteLine(missing == 0 ? "Runs can be made here." : $"No run can be made here: see the {(missing == 1 ? "line that says" : $"{missing} lines that say")} MISSING.");
        return missing == 0 ? 0 : Application.RunsMissing;
    }
}
