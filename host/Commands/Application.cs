using System.CommandLine;
using KdMtlBench.Host.Components;
using KdMtlBench.Host.Natives;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps.Reading;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary>What every command can be told, by option or by environment variable <c>KDMTL_…</c>; options win.</summary>
public sealed record ApplicationSettings
{
    /// <summary>Folder of data sets.</summary>
    public string? Data { get; init; }

    /// <summary>More folders of plugin folders, separated as in PATH.</summary>
    public string? Plugins { get; init; }

    /// <summary>cpu, cuda, cuda:1 or auto; several with commas between them.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Runs at once; null for as many as the threads of a run leave room for.</summary>
    public int? Parallel { get; init; }

    /// <summary>A run that does nothing for longer hangs.</summary>
    public int StepLimitSeconds { get; init; }

    /// <summary>Resident memory of a worker; null for any.</summary>
    public long? MemoryLimitBytes { get; init; }

    /// <summary>A process that shares a sweep and has given no sign of life for longer is taken for dead.</summary>
    public int SilenceSeconds { get; init; }
}

/// <summary>The Generic Host around one command: configuration, logging, Ctrl-C, and errors as one sentence.</summary>
internal static class Application
{
    public const int RunsMissing = 1;
    public const int BadInput = 2;

    public static readonly Option<string?> Plugins = new("--plugins")
    {
        Description = "More folders of plugin folders, separated as in PATH, in addition to the checkout's artifacts/plugins and plugins. KDMTL_PLUGINS",
        Recursive = true,
    };

    /// <summary>Runs a command's work inside the host.</summary>
    /// <param name="given">Options given on the command line, by setting.</param>
    /// <param name="work">Gives the exit code; an <see cref="InputException"/> is printed and becomes 2.</param>
    /// <param name="libtorch">Whether libtorch is to be ready.</param>
    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> given, Func<IServiceProvider, CancellationToken,
        int> work, bool libtorch = true)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables("KDMTL_").AddInMemoryCollection(given.Where(option => option.Value is not null));
        builder.Logging.ClearProviders().AddSimpleConsole(options => options.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        builder.Services.AddSingleton(_ => Settings(builder.Configuration));
        builder.Services.AddSingleton(Terminal());
        builder.Services.AddSingleton(provider => PluginCatalog.Load(OwnPlugins(), GivenPlugins(provider.GetRequiredService<ApplicationSettings>().Plugins)));
        builder.Services.AddSingleton(provider =>
        {
            var catalog = provider.GetRequiredService<PluginCatalog>();
            return new SweepReader(catalog.Strategies, catalog.Benchmarks, catalog.Models);
        });
        using var host = builder.Build();
        await host.StartAsync();
        try
        {
            _ = host.Services.GetRequiredService<ApplicationSettings>(); // bad input, if any
            if (libtorch)
                await LoadLibtorchAsync(host.Services);
            var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            return await Task.Run(() => work(host.Services, stopping));
        }
        catch (InputException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return BadInput;
        }
        catch (StorageException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return RunsMissing;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
        finally
        {
            await host.StopAsync();
        }
    }

    private static async Task LoadLibtorchAsync(IServiceProvider services)
    {
        var folder = Environment.GetEnvironmentVariable(InstalledLibtorch.Variable);
        (InstalledLibtorch.LoadedVersion, var warning) = InstalledLibtorch.Load(folder, AppContext.BaseDirectory,
            UsersOfTorchSharp(services));
        if (warning is not null)
            await Console.Error.WriteLineAsync(warning);
        TorchLog.ObeyEnvironment();
    }

    /// <summary>The files of the assemblies that use TorchSharp: this program's, the contract's and the plugins'.</summary>
    public static IEnumerable<string> UsersOfTorchSharp(IServiceProvider services)
    {
        var roots = OwnPlugins().Concat(GivenPlugins(services.GetRequiredService<ApplicationSettings>().Plugins)).Where(Directory.Exists);
        var plugins = roots.SelectMany(Directory.GetDirectories);
        return [typeof(Application).Assembly.Location, typeof(Strategy).Assembly.Location, .. plugins.SelectMany(folder => Directory.GetFiles(folder, "*.dll"))];
    }

    /// <summary>The plugins, after telling what was wrong with some.</summary>
    public static PluginCatalog PluginsOf(IServiceProvider services)
    {
        var plugins = services.GetRequiredService<PluginCatalog>();
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger("plugins");
        foreach (var problem in plugins.Problems)
            log.LogWarning("{Problem}", problem);
        return plugins;
    }

    private static IAnsiConsole Terminal()
    {
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 160; // a file or a pipe has no width of its own
        return AnsiConsole.Console;
    }

    private static ApplicationSettings Settings(IConfiguration configuration) => new()
    {
        Data = configuration["data"],
        Plugins = configuration["plugins"],
        Device = configuration["device"] ?? "auto",
        Parallel = Number(configuration, "parallel", "a number of runs, 1 or more"),
        StepLimitSeconds = Number(configuration, "step_limit_seconds", "a number of seconds, 1 or more") ?? 300,
        MemoryLimitBytes = configuration["memory_limit"] is { } size ? Numbers.Bytes(size, "--memory-limit (or KDMTL_MEMORY_LIMIT)") : null,
        SilenceSeconds = Number(configuration, "silence_seconds", "a number of seconds, 1 or more") ?? 180,
    };

    private static int? Number(IConfiguration configuration, string key, string wanted) =>
        configuration[key] is { } text ? Numbers.AtLeastOne(text, $"--{key.Replace('_', '-')} (or KDMTL_{key.ToUpperInvariant()})", wanted) : null;

    private static IEnumerable<string> GivenPlugins(string? given) =>
        given?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(Path.GetFullPath) ?? [];

    /// <summary>A published host has its plugins beside it, if any.</summary>
    private static IEnumerable<string> OwnPlugins()
    {
        if (Checkout() is { } root)
            return [Path.Combine(root, "artifacts", "plugins"), Path.Combine(root, "plugins")];
        var beside = Path.Combine(AppContext.BaseDirectory, "plugins");
        return Directory.Exists(beside) ? [beside] : [];
    }

    /// <summary>The checkout in whose artifacts/bin/… the host lies; null for a published one.</summary>
    public static string? Checkout()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "KdMtlBench.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder;
    }
}
