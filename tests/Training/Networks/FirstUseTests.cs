using KdMtlBench.Host.Training.Networks;

namespace KdMtlBench.Tests.Training.Networks;

public class FirstUseTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(60);

    [Fact]
    public void First_uses_wait_for_one_another()
    {
        var (inside, most) = (0, 0);
        var gate = new Lock();
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => new FirstUse(s_long).Of("step", i, null, () =>
        {
            lock (gate)
                most = Math.Max(most, ++inside);
            Thread.Sleep(20);
            lock (gate)
                inside--;
        }));
        most.ShouldBe(1);
    }

    [Fact]
    public async Task What_a_run_has_done_before_waits_for_nobody()
    {
        var run = new FirstUse(s_long);
        run.Of("step", 16, null, () => { });
        using var other = new Occupant(images: 16);
        var again = false;
        run.Of("step", 16, null, () => again = true);
        again.ShouldBeTrue();
        other.IsInside.ShouldBeTrue();
        await other.Leave();
    }

    [Fact]
    public async Task Who_hangs_holds_others_up_once_and_fails_leave_no_trace()
    {
        using var hung = new Occupant(images: 1);
        var made = 0;
        new FirstUse(TimeSpan.FromSeconds(0.2)).Of("step", 2, null, () => made++);
        var next = Task.Run(() => new FirstUse(s_long).Of("step", 3, null, () => made++));
        (await Task.WhenAny(next, Task.Delay(s_long / 2))).ShouldBe(next);
        Should.Throw<InvalidOperationException>(() => new FirstUse(s_long).Of("step", 4, null, () => throw new InvalidOperationException()));
        new FirstUse(s_long).Of("step", 5, null, () => made++);
        made.ShouldBe(3);
        await hung.Leave();
    }

    /// <summary>Another run that is in the middle of its first use until it is told to leave.</summary>
    private sealed class Occupant : IDisposable
    {
        private readonly ManualResetEventSlim _done = new();
        private readonly Task _use;

        public Occupant(long images)
        {
            using var entered = new ManualResetEventSlim();
            _use = Task.Run(() => new FirstUse(s_long).Of("step", images, null, () =>
            {
                entered.Set();
                _done.Wait(s_long);
            }));
            entered.Wait(s_long).ShouldBeTrue();
        }

        public bool IsInside => !_use.IsCompleted;

        public Task Leave()
        {
            _done.Set();
            return _use;
        }

        public void Dispose() => _done.Dispose();
    }
}
