using System.CommandLine;
using System.Net;
using KdMtlBench.Host.Downloads;
using KdMtlBench.Host.Options;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl data list | verify BENCHMARK | get NAME</c>: the files that benchmarks read and users have to get.</summary>
internal static class DataCommand
{
    private const int NotWhole = 1;

    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Folder of data sets. KDMTL_DATA", Recursive = true };
        var list = new Command("list", "List the data sets: what they are for, where to get them, and whether they are here");
        list.SetAction((parse, _) => RunAsync(parse, (services, root, _) => List(services, root)));

        var benchmark = new Argument<string>("benchmark") { Description = "A benchmark, as listed by `kdmtl list benchmarks`" };
        var verify = new Command("verify", "Read a benchmark's files completely and compare them with the published ones") { benchmark };
        verify.SetAction((parse, _) => RunAsync(parse, (services, root, _) => Verify(services, root, parse.GetRequiredValue(benchmark))));

        var name = new Argument<string>("name") { Description = "A data set, as listed by `kdmtl data list`" };
        var get = new Command("get", "Download a data set into its place, resuming an earlier download") { name };
        get.SetAction((parse, _) => RunAsync(parse, (services, root, cancellation) => Get(services, root, parse.GetRequiredValue(name), cancellation)));

        return new Command("data", "The files that benchmarks read: list, verify, get") { list, verify, get, data, Application.Plugins };

        Task<int> RunAsync(ParseResult parse, Func<IServiceProvider, string?, CancellationToken, int> work) => Application.RunAsync(
            new Dictionary<string, string?> { ["data"] = parse.GetValue(data), ["plugins"] = parse.GetValue(Application.Plugins) },
            (services, cancellation) => work(services, DataRoot.Choose(services.GetRequiredService<ApplicationSettings>().Data), cancellation));
    }

    private static int List(IServiceProvider services, string? root)
    {
        var console = services.GetRequiredService<IAnsiConsole>();
        foreach (var known in KnownData.Of(Application.PluginsOf(services).Benchmarks))
        {
            console.MarkupLineInterpolated($"[bold]{known.Set.Id}[/]  {known.Set.Title}");
            console.MarkupLineInterpolated($"    for   {string.Join(", ", known.Users.Select(user => user.Under is null ? user.Benchmark : $"{user.Benchmark} ({user.Under})"))}");
            console.MarkupLineInterpolated($"    files {string.Join(", ", known.Set.Files.Select(names => names[0]))}");
            console.MarkupLineInterpolated($"    get   {HowToGet(known)}");
            console.MarkupLineInterpolated($"    here  {Place(root, known.Set) ?? "no"}");
            console.WriteLine();
        }

        return 0;
    }

    private static int Verify(IServiceProvider services, string? root, string id)
    {
        var console = services.GetRequiredService<IAnsiConsole>();
        var benchmarks = Application.PluginsOf(services).Benchmarks;
        var entry = benchmarks.Find(id)
            ?? throw new InputException(Wording.Unknown($"benchmark {Wording.Quote(id)}", id, [.. benchmarks.Entries.Select(benchmark => benchmark.Id)]));
        var needs = KnownData.NeedsOf(entry);
        if (needs.Count == 0)
            console.WriteLine($"{id} needs no files: it makes its data itself");
        var wholes = needs.Select(need => Show(console, need, DataInspection.Of(root, need))).ToList();
        return wholes.TrueForAll(whole => whole) ? 0 : NotWhole;
    }

    /// <returns>True where the set is whole, or is missing and only some options ask for it.</returns>
    private static bool Show(IAnsiConsole console, DataNeed need, DataInspection inspection)
    {
        var (color, word) = inspection.Status switch
        {
            DataStatus.Whole => ("green", "whole"),
            DataStatus.Damaged => ("red", "damaged"),
            _ => (need.Under is null ? "red" : "yellow", "missing"),
        };
        console.MarkupLine($"[{color}]{word}[/] [bold]{Markup.Escape(need.Set.Id)}[/]{Markup.Escape(need.Under is null ? "" : $" (with {need.Under})")}: {Markup.Escape(inspection.Message)}");
        if (inspection.Status == DataStatus.Missing && CanGet(need))
            console.MarkupLineInterpolated($"        or run: kdmtl data get {need.Set.Id}");
        return inspection.Status == DataStatus.Whole || (inspection.Status == DataStatus.Missing && need.Under is not null);
    }

    private static int Get(IServiceProvider services, string? root, string name, CancellationToken cancellation)
    {
        var console = services.GetRequiredService<IAnsiConsole>();
        var all = KnownData.Of(Application.PluginsOf(services).Benchmarks);
        var known = all.FirstOrDefault(candidate => candidate.Set.Id == name)
            ?? throw new InputException(Wording.Unknown($"data set {Wording.Quote(name)}", name, [.. all.Select(candidate => candidate.Set.Id)]));
        if (DataInspection.Of(root, known.Need) is { Status: not DataStatus.Missing } inspection)
        {
            return inspection.Status == DataStatus.Whole
                ? Show(console, known.Need, inspection) ? 0 : NotWhole
                : throw new InputException($"{inspection.Message}; or delete it and run this again");
        }

        if (!CanGet(known.Need))
            throw new InputException($"{known.Set.Title} has no address that anyone may download from; get {known.Set.Source}");
        if (root is null)
            throw new InputException($"no data root was named; say where data sets shall lie by --data DIR or the environment variable {DataRoot.EnvironmentVariable}");
        var held = Download(console, root, known.Need, cancellation);
        return Show(console, known.Need, new DataInspection(DataStatus.Whole, held)) ? 0 : NotWhole;
    }

    private static string Download(IAnsiConsole console, string root, DataNeed need, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(30), AutomaticDecompression = DecompressionMethods.None };
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("kdmtl");
        var download = new DataDownload(new Downloader(client));
        return console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var tasks = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
                return await download.RunAsync(root, need, Report, cancellation);

                void Report(string file, long bytes, long? all)
                {
                    if (!tasks.TryGetValue(file, out var task))
                        tasks.Add(file, task = progress.AddTask(Markup.Escape(file)));
                    task.IsIndeterminate = all is null;
                    task.MaxValue(all ?? Math.Max(1, bytes)).Value(bytes);
                }
            })
            .GetAwaiter().GetResult();
    }

    /// <summary>The command that downloads it, or where it comes from.</summary>
    internal static string HowToGet(KnownData known) => CanGet(known.Need) ? $"kdmtl data get {known.Set.Id}" : known.Set.Source;

    private static bool CanGet(DataNeed need) => need.Published.Any(published => published.Address is not null);

    /// <summary>The folder that holds it; null where it is not here.</summary>
    internal static string? Place(string? root, DataSet set)
    {
        try
        {
            return Path.GetDirectoryName(DataRoot.Locate(root, set)[0]);
        }
        catch (InputException)
        {
            return null;
        }
    }
}
