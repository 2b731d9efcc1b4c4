namespace KdMtlBench.Tests.Training;

/// <summary>What host/lifetimes.targets is for: without it, this meets "Unknown scalar type" within a second.</summary>
public class LifetimeTests
{
    [Fact]
    public void Collections_do_not_free_the_arguments_of_a_running_call()
    {
        var stop = false;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
                GC.Collect(0);
        });
        collector.Start();
        var failures = new List<Exception>();
        var workers = Enumerable.Range(0, 4).Select(_ => new Thread(() => Calculate(failures))).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
        Volatile.Write(ref stop, true);
        collector.Join();
        failures.ShouldBeEmpty();
    }

    // Temporaries of both kinds, the tensors outside of any scope.
    private static void Calculate(List<Exception> failures)
    {
        try
        {
            set_num_threads(1);
            using var x = ones(4);
            for (var i = 0; i < 3_000; i++)
                using (var y = (x.add(2.5).mul(4.0) - 4.0).sqrt())
                    if (i % 100 == 0)
                        y[0].item<float>().ShouldBe((float)Math.Sqrt(10));
        }
        catch (Exception e)
        {
            lock (failures)
                failures.Add(e);
        }
    }
}
