using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using KdMtlBench.Host.Reports;
using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Results;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Reports;

public sealed class ReportFilesTests : TensorTest
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder _folder = new();

    private string Page => _folder.File("report.html");

    [Fact]
    public void Every_cell_of_the_leaderboard_is_in_the_page()
    {
        var leaderboard = Write(InventedRecords.Sweep());
        var text = WebUtility.HtmlDecode(Regex.Replace(File.ReadAllText(Page), "<[^>]+>", "", RegexOptions.None, _patience));
        foreach (var table in leaderboard.Groups.SelectMany(group => new[] { LeaderboardTable.Quality(group), LeaderboardTable.Verdicts(group)!, LeaderboardTable.Cost(group) }))
            foreach (var cell in table.Rows.SelectMany(row => row))
                text.ShouldContain(cell.Text);
        text.ShouldContain("Undecided (2): dwa(temperature=1) (≈ ");
    }

    [Fact]
    public void A_run_at_chance_is_pointed_out()
    {
        Write(InventedRecords.Sweep().ConvertAll(record => record.Strategy == "uniform" && record.Seed == 2 ? record with { AtChance = ["depth"] } : record));
        File.ReadAllText(Page).ShouldContain("At chance: `uniform`, task depth, seed 2.");
    }

    [Fact]
    public void The_page_asks_nothing_of_other_files_or_the_network()
    {
        Write(InventedRecords.Sweep());
        var html = File.ReadAllText(Page);
        Regex.Matches(html, "(?:src|href)=\"(?!data:|#)[^\"]*\"|url\\((?!data:|#)[^)]*\\)|@import", RegexOptions.None, _patience).ShouldBeEmpty();
    }

    [Fact]
    public void Names_and_reasons_cannot_become_markup()
    {
        var bad = InventedRecords.MultiTask("<script>alert(1)</script>", 1, 0.5, 0.8, 0.2);
        Write([.. InventedRecords.Sweep(), bad, InventedRecords.Failed(InventedRecords.MultiTask("{{title}}<i>", 1, 0, 0, 0), "<img src=x onerror=alert(1)>")]);
        var html = File.ReadAllText(Page);
        html.ShouldNotContain("<script>alert");
        html.ShouldNotContain("<img src=x");
        html.ShouldContain("{{title}}&lt;i&gt;");
    }

    [Fact]
    public void Each_picture_is_there_as_png_and_svg()
    {
        Write(InventedRecords.Sweep());
        var names = Directory.GetFiles(_folder.File("figures")).Select(Path.GetFileName).ToList();
        foreach (var name in new[] { "trade-off-segmentation-depth", "quality-against-cost", "critical-difference", "curve-segmentation-miou", "curve-depth-train-loss", "weight-depth" })
        {
            names.ShouldContain(name + ".png");
            XDocument.Load(_folder.File($"figures/{name}.svg")).Root!.Name.LocalName.ShouldBe("svg");
        }

        using var picture = SkiaSharp.SKBitmap.Decode(_folder.File("figures/critical-difference.png"));
        picture.Pixels.Distinct().Count().ShouldBeGreaterThan(10);
    }

    [Fact]
    public void A_strategy_has_its_class_in_the_pictures_and_its_row()
    {
        Write(InventedRecords.Sweep());
        var html = File.ReadAllText(Page);
        var row = Regex.Match(html, "<tr data-s=\"(?<row>\\d+)\">\\s*<td[^>]*>(?:<span[^>]*></span>)?uniform", RegexOptions.None, _patience).Groups["row"].Value;
        Regex.Matches(html, $"class=\"s s{row}\"", RegexOptions.None, _patience).Count.ShouldBeGreaterThan(6);
    }

    [Fact]
    public void Nothing_but_failures_still_makes_a_page()
    {
        Write([InventedRecords.Failed(InventedRecords.MultiTask("uniform", 1, 0, 0, 0), "it diverged")]);
        File.ReadAllText(Page).ShouldContain("it diverged");
    }

    [Fact]
    public void A_sweep_of_500_runs_stays_below_10_megabytes()
    {
        var records = from strategy in Enumerable.Range(0, 98)
                      from seed in Enumerable.Range(1, 5)
                      select InventedRecords.MultiTask(strategy == 0 ? "uniform" : $"strategy-{strategy}", seed, 0.4 + 0.001 * ((strategy * 37 + seed * 11) % 100), 0.8, 0.2, 10 + strategy);
        Write([.. InventedRecords.Baselines(), .. records], epochs: 150);
        new FileInfo(Page).Length.ShouldBeInRange(1_000_000, 10_000_000);
    }

    [SkippableByChromium]
    public void In_a_browser_a_column_sorts_a_strategy_lights_up_and_the_console_stays_empty()
    {
        Write(InventedRecords.Sweep());
        // The page reports what happened in its title; errors that come before are collected too.
        var html = File.ReadAllText(Page)
            .Replace("<head>", "<head><script>window.errors = []; addEventListener('error', e => errors.push(e.message)); console.error = m => errors.push(m);</script>")
            .Replace("</body>", """
                <script>
                const heads = [...document.querySelectorAll("thead th")];
                const head = heads.find(h => h.textContent.includes("abs-error")), column = [...head.parentElement.children].indexOf(head);
                const values = () => [...head.closest("table").tBodies[0].rows].map(r => r.children[0].textContent + "=" + parseFloat(r.children[column].textContent));
                head.querySelector("button").click(); const up = values();
                head.querySelector("button").click(); const down = values();
                document.querySelector(".legend button").click();
                document.body.innerHTML = "<pre>" + JSON.stringify({ errors, up, down, lit: document.body.className, on: document.querySelectorAll("svg .on").length }) + "</pre>";
                </script></body>
                """);
        File.WriteAllText(Page, html);
        var dom = Chromium("--dump-dom", "--virtual-time-budget=3000");
        var result = System.Text.Json.JsonDocument.Parse(WebUtility.HtmlDecode(Regex.Match(dom, "<pre>(?<json>.*)</pre>", RegexOptions.None, _patience).Groups["json"].Value)).RootElement;
        result.GetProperty("errors").GetArrayLength().ShouldBe(0);
        result.GetProperty("lit").GetString().ShouldBe("lit");
        result.GetProperty("on").GetInt32().ShouldBeGreaterThan(3);
        var up = result.GetProperty("up").EnumerateArray().Select(value => double.Parse(value.GetString()!.Split('=')[^1])).ToList();
        up.ShouldBe([0.1, 0.2, 0.2, 0.25], 1e-9);
        result.GetProperty("down").EnumerateArray().Select(value => double.Parse(value.GetString()!.Split('=')[^1])).ShouldBe(up.OrderDescending(), 1e-9);
    }

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    private Leaderboard Write(IReadOnlyList<RunRecord> records, int epochs = 4)
    {
        var store = new RunStore(_folder.Path);
        foreach (var record in records.Where(record => record.Status == RunStatus.Done))
            store.WriteCurve(record.Id, [.. Enumerable.Range(1, epochs).Select(epoch => Epoch(record, epoch))]);
        var leaderboard = Leaderboard.Build("Invented", records);
        ReportFiles.Write(_folder.Path, leaderboard, records);
        return leaderboard;
    }

    private static EpochRecord Epoch(RunRecord record, int epoch)
    {
        var tasks = record.Metrics.Select(metric => metric.Task).Distinct().ToDictionary(task => task, task => 1.0 / epoch + 0.01 * record.Seed);
        return new EpochRecord(epoch, tasks, tasks, tasks, record.Test.ToDictionary(metric => metric.Key, metric => metric.Value * epoch));
    }

    private string Chromium(params string[] arguments)
    {
        var start = new ProcessStartInfo(SkippableByChromium.Program!, ["--headless=new", "--no-sandbox", "--disable-gpu", $"--user-data-dir={_folder.File("profile")}", .. arguments, "file://" + Page])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(60_000))
            process.Kill(entireProcessTree: true);
        return output.Result;
    }
}

/// <summary>A test that needs a browser.</summary>
public sealed class SkippableByChromium : FactAttribute
{
    public static readonly string? Program = new[] { "chromium", "chromium-browser", "google-chrome" }
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    public SkippableByChromium()
    {
        if (Program is null)
            Skip = "needs Chromium (Debian's package chromium), which is not installed";
    }
}
