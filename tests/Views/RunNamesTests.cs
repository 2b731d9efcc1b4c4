using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Views;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Views;

public class RunNamesTests
{
    [Fact]
    public void A_single_benchmark_and_model_need_no_more_than_the_benchmarks_id() =>
        Names(Run("tiny", ("noise", "0.1"))).ShouldBe(["tiny sum, seed 1"]);

    [Fact]
    public void Variants_of_a_benchmark_are_told_apart_by_what_differs() =>
        Names(Run("tiny", ("noise", "0.1"), ("size", "8")), Run("tiny", ("noise", "0.2"), ("size", "8")), Run("other", ("noise", "0.1")))
            .ShouldBe(["tiny(noise=0.1) sum, seed 1", "tiny(noise=0.2) sum, seed 1", "other sum, seed 1"]);

    [Fact]
    public void Several_models_are_named_too()
    {
        var run = Run("tiny");
        Names(run, run with { Model = run.Model with { Label = "wide-net", Entry = run.Model.Entry with { Id = "wide-net" } } })
            .ShouldBe(["tiny tiny-net sum, seed 1", "tiny wide-net sum, seed 1"]);
    }

    private static RunSpec Run(string benchmark, params (string Key, string Value)[] options)
    {
        var run = Tiny.Spec();
        return run with
        {
            Benchmark = run.Benchmark with
            {
                Entry = run.Benchmark.Entry with { Id = benchmark },
                Label = $"{benchmark}({string.Join(' ', options.Select(option => $"{option.Key}={option.Value}"))})",
                Settings = options.ToDictionary(option => option.Key, option => option.Value),
            },
        };
    }

    private static IEnumerable<string> Names(params RunSpec[] runs) => runs.Select(new RunNames(runs).Of);
}
