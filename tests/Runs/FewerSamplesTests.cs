using KdMtlBench.Host.Runs;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Runs;

public sealed class FewerSamplesTests : TensorTest
{
    [Fact]
    public void A_share_of_the_training_samples_is_used_the_same_whenever_it_is_asked_for_and_in_every_larger_share()
    {
        using var whole = new TinyBenchmark().Load(new DataContext(null, CPU, default));
        var half = Pictures(0.5);
        half.Count.ShouldBe(8); // of 17
        Pictures(0.5).ShouldBe(half);
        Pictures(0.25).ShouldBeSubsetOf(half);
        half.ShouldBeSubsetOf(Pictures(whole.Train));
        Pictures(1).Count.ShouldBe(17);
    }

    [Fact]
    public void Pictures_keep_their_labels_and_the_other_splits_all_samples()
    {
        using var whole = new TinyBenchmark().Load(new DataContext(null, CPU, default));
        using var some = new FewerSamples(new TinyBenchmark(), 0.5).Load(new DataContext(null, CPU, default));
        (some.Validation.Count, some.Test.Count).ShouldBe((6, 7));
        var all = whole.Train.Take(Samples.Range(0, 17, CPU));
        var taken = some.Train.Take(Samples.Of([7, 2], CPU));
        for (var i = 0; i < 2; i++)
        {
            var same = Enumerable.Range(0, 17).Single(sample => all.Inputs["image"][sample].eq(taken.Inputs["image"][i]).all().item<bool>());
            for (var task = 0; task < 3; task++)
                taken.Targets[task][i].eq(all.Targets[task][same]).all().item<bool>().ShouldBeTrue();
        }
    }

    [Fact]
    public void Where_tasks_have_images_of_their_own_it_is_refused() =>
        Should.Throw<InputException>(() => new FewerSamples(new TinyOwnImages(), 0.5).Load(new DataContext(null, CPU, default)))
            .Message.ShouldContain("train-share: each task of this benchmark has images of its own");

    private static List<string> Pictures(double share)
    {
        using var data = new FewerSamples(new TinyBenchmark(), share).Load(new DataContext(null, CPU, default));
        return Pictures(data.Train);
    }

    private static List<string> Pictures(Split split) =>
        [.. Enumerable.Range(0, (int)split.Count).Select(sample => string.Join(',', split.Take(Samples.Of([sample], CPU)).Inputs["image"].to(ScalarType.Int64).data<long>().ToArray()))];
}
