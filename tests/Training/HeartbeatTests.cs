using KdMtlBench.Host.Training;

namespace KdMtlBench.Tests.Training;

public class HeartbeatTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(0.2);

    [Fact]
    public void A_run_that_beats_lives_however_long_it_takes()
    {
        using var heartbeat = new Heartbeat(default);
        for (var step = 0; step < 10; step++)
        {
            Thread.Sleep(_limit / 4);
            heartbeat.Beat(step);
            heartbeat.GiveUp(_limit).ShouldBeNull();
        }
    }

    [Fact]
    public void A_silent_run_is_given_up_and_ends_at_its_next_beat()
    {
        using var heartbeat = new Heartbeat(default);
        heartbeat.Beat(17);
        heartbeat.Beat();
        Thread.Sleep(_limit);
        heartbeat.GiveUp(_limit).ShouldBe("since step 17 began");
        heartbeat.Stopped.IsCancellationRequested.ShouldBeTrue();
        Should.Throw<OperationCanceledException>(() => heartbeat.Beat(18));
    }

    [Fact]
    public void A_run_that_never_came_to_a_step_says_so()
    {
        using var heartbeat = new Heartbeat(default);
        heartbeat.GiveUp(TimeSpan.Zero).ShouldBe("before the first step");
    }

    [Fact]
    public void A_sweep_that_is_stopped_ends_its_runs()
    {
        using var sweep = new CancellationTokenSource();
        using var heartbeat = new Heartbeat(sweep.Token);
        heartbeat.Beat(1);
        sweep.Cancel();
        Should.Throw<OperationCanceledException>(() => heartbeat.Beat(2));
    }
}
