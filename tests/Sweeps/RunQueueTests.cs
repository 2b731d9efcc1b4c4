using System.Collections.Concurrent;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Sweeps;

public class RunQueueTests
{
    private static readonly RunSpec Student = Tiny.Spec();
    private static readonly RunSpec Segmentation = Tiny.Spec(singleTask: "segmentation");
    private static readonly RunSpec Depth = Tiny.Spec(singleTask: "depth");
    private static readonly RunSpec Other = Tiny.Spec(seed: 2);

    [Fact]
    public void Runs_that_wait_for_nothing_come_in_order()
    {
        var queue = new RunQueue([Depth, Other, Segmentation], _ => []);
        Take(queue, 4).ShouldBe([Depth, Other, Segmentation, null]);
    }

    [Fact]
    public async Task A_student_lets_others_go_ahead_until_its_teachers_are_over()
    {
        var queue = Queue();
        Take(queue, 3).ShouldBe([Segmentation, Depth, Other]);
        var student = Task.Run(queue.Take);
        queue.Finish(Segmentation);
        await Task.Delay(100);
        student.IsCompleted.ShouldBeFalse();
        queue.Finish(Depth);
        (await student).ShouldBe(Student);
        queue.Take().ShouldBeNull();
    }

    [Fact]
    public void A_student_whose_teachers_were_finished_earlier_waits_for_nothing()
    {
        var queue = new RunQueue([Student], _ => [Segmentation.Id, Depth.Id]);
        queue.Take().ShouldBe(Student);
    }

    [Fact]
    public async Task A_closed_queue_lets_waiting_workers_go()
    {
        var queue = Queue();
        Take(queue, 3);
        var waiting = Task.Run(queue.Take);
        await Task.Delay(50);
        waiting.IsCompleted.ShouldBeFalse();
        queue.Close();
        (await waiting).ShouldBeNull();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Any_number_of_workers_makes_every_run_once_and_teachers_first(int workers)
    {
        var seeds = Enumerable.Range(1, 20).ToList();
        var runs = seeds.SelectMany(seed => new[] { Tiny.Spec(seed), Tiny.Spec(seed, singleTask: "depth"), Tiny.Spec(seed, singleTask: "normals") }).ToList();
        var queue = new RunQueue(runs, run => run.SingleTask is null ? Teachers(run.Seed) : []);
        var over = new ConcurrentQueue<RunSpec>();
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, _ =>
        {
            while (queue.Take() is { } run)
            {
                foreach (var teacher in run.SingleTask is null ? Teachers(run.Seed) : [])
                    over.ShouldContain(done => done.Id == teacher);
                over.Enqueue(run);
                queue.Finish(run);
            }
        });
        over.Select(run => run.Id).ShouldBe(runs.Select(run => run.Id), ignoreOrder: true);

        static IEnumerable<string> Teachers(int seed) => [Tiny.Spec(seed, singleTask: "depth").Id, Tiny.Spec(seed, singleTask: "normals").Id];
    }

    private static RunQueue Queue() => new([Student, Segmentation, Depth, Other], run => run == Student ? [Segmentation.Id, Depth.Id] : []);

    private static List<RunSpec?> Take(RunQueue queue, int count) => [.. Enumerable.Range(0, count).Select(_ => queue.Take())];
}
