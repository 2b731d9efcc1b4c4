using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Views;
using KdMtlBench.Tests.Results;
using KdMtlBench.Tests.Support;
using Spectre.Console;

namespace KdMtlBench.Tests.Views;

public class SweepScreenTests
{
    private static readonly RunSpec First = Tiny.Spec(seed: 1);
    private static readonly RunSpec Second = Tiny.Spec(seed: 2, singleTask: "depth");
    private static readonly RunSpec Third = Tiny.Spec(seed: 3);
    private readonly Clock _clock = new();
    private readonly SweepProgress _progress;

    public SweepScreenTests() => _progress = new SweepProgress(_clock);

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(130)]
    [InlineData(200)]
    public void No_line_is_wider_than_the_terminal_and_nothing_is_lost(int width)
    {
        UnderWay();
        var lines = Shown(width).Split('\n');
        lines.ShouldAllBe(line => line.Length <= width);
        var words = string.Join(' ', string.Join(' ', lines).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        words.ShouldContain("1 of 3 runs, 1 failed, ");
        words.ShouldContain("epoch 2/3");
        words.ShouldContain("segmentation 1.02 (miou 0.431), depth 0.31 (absolute-error 0.212)");
    }

    [Fact]
    public void A_wide_terminal_has_one_line_a_run()
    {
        UnderWay();
        var lines = Shown(160).TrimEnd('\n').Split('\n');
        lines.Length.ShouldBe(3);
        lines[0].ShouldStartWith("sweep ");
        lines[0].ShouldContain("━");
        lines[1].ShouldContain("epoch 2/3  segmentation 1.02 (miou 0.431), depth");
        lines[2].ShouldContain("depth, seed 2");
        lines[2].ShouldEndWith("epoch 1/3");
    }

    [Fact]
    public void Steps_count_towards_the_bar_and_the_time_left()
    {
        var epochs = 0.0;
        _progress.Started([First, Third], []);
        _progress.RunStarted(First, () => epochs);
        _progress.Now().Left.ShouldBe("");
        _clock.Seconds = 10;
        epochs = 1.5;
        _progress.Now().Share.ShouldBe(0.25);
        _progress.Now().Left.ShouldBe("0:30 left");
    }

    [Fact]
    public void Epochs_of_an_earlier_process_and_of_a_failed_run_take_no_time()
    {
        _progress.Started([First, Third], []);
        _progress.RunStarted(First, () => 2.5);
        _progress.Resumed(First, 2);
        _clock.Seconds = 10;
        _progress.Now().Left.ShouldBe("1:10 left"); // half an epoch in ten seconds, three and a half to go
        _progress.RunFinished(First, InventedRecords.Failed(InventedRecords.Depth(1), "broken"));
        _progress.Now().Left.ShouldBe("1:00 left");
        _progress.Now().Share.ShouldBe(0.5);
    }

    [Fact]
    public void A_console_without_colours_or_unicode_still_tells_done_from_open()
    {
        UnderWay();
        var console = Console(100, out var output);
        console.Profile.Capabilities.Unicode = false;
        console.Write(new SweepScreen(_progress.Now, new RunNames([])));
        output.ToString().ShouldContain("##");
        output.ToString().ShouldContain("--");
        output.ToString().ShouldAllBe(letter => letter == '\n' || letter >= ' ' && letter <= '~');
    }

    [Fact]
    public void Lines_said_meanwhile_stay_above_the_screen_and_cover_what_was_there()
    {
        var console = Console(60, out var output);
        console.Profile.Capabilities.Interactive = true;
        console.Profile.Capabilities.Ansi = true;
        console.Live(new SweepScreen(_progress.Now, new RunNames([]))).AutoClear(true).Start(context =>
        {
            using var view = new LiveView(console, _progress, new RunNames([]), context.Refresh);
            view.Started([First], [InventedRecords.Depth(1)]);
            view.RunStarted(First, () => 0);
            view.Message("[not] markup");
            view.RunFinished(First, InventedRecords.Failed(InventedRecords.Depth(1), "broken"));
        });
        output.ToString().ShouldContain("1 runs are finished already (--fresh runs them again)".PadRight(60));
        output.ToString().ShouldContain("[not] markup".PadRight(60));
        output.ToString().ShouldContain("FAILED: broken".PadRight(20));
        output.ToString().ShouldContain("1 of 1 runs, 1 failed");
    }

    private void UnderWay()
    {
        var failing = Tiny.Spec(seed: 4);
        _progress.Started([failing, First, Second], []);
        _progress.RunStarted(failing, () => 0);
        _progress.RunStarted(First, () => 1.25);
        _progress.RunStarted(Second, () => 0.5);
        _progress.EpochDone(First, new EpochRecord(
            1,
            new Dictionary<string, double> { ["segmentation"] = 1.02, ["depth"] = 0.31 },
            new Dictionary<string, double>(),
            new Dictionary<string, double>(),
            new Dictionary<string, double> { ["segmentation.miou"] = 0.431, ["segmentation.pixel-accuracy"] = 0.7, ["depth.absolute-error"] = 0.212 }));
        _progress.RunFinished(failing, InventedRecords.Failed(InventedRecords.Depth(1), "broken"));
        _clock.Seconds = 100;
    }

    private string Shown(int width)
    {
        var console = Console(width, out var output);
        console.Write(new SweepScreen(_progress.Now, new RunNames([])));
        return output.ToString();
    }

    private static IAnsiConsole Console(int width, out StringWriter output)
    {
        output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }

    private sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)(Seconds * 1000);
    }
}
