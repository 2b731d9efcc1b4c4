using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.Toy;

/// <summary>Two objectives of one point in the plane, without a network: a valley in which the mean gradient gets stuck.</summary>
/// <remarks>Liu, Liu, Jin, Stone &amp; Liu, NeurIPS 2021 (CAGrad), figure 1. The input is the starting point, the model
/// <c>point</c> moves away from it, and each step sees the same input. Minimise with the published Adam at 0.001 for 100,000 steps, or
/// faster. The path is in each run's <c>curve.csv</c> as <c>f1.x1</c> and <c>f1.x2</c>.</remarks>
[Benchmark("toy", Title = "Two objectives in the plane", Paper = "Liu, Liu, Jin, Stone & Liu, NeurIPS 2021, figure 1")]
public sealed class ToyBenchmark(ToyOptions options) : IBenchmark
{
    private static readonly float[][] Starts = [[-8.5f, 7.5f], [-8.5f, -5], [9, 9]];

    public IReadOnlyList<LearningTask> Tasks { get; } = [new PlaneObjective("f1", First), new PlaneObjective("f2", Second)];

    public IReadOnlyList<InputInfo> Inputs { get; } = [InputInfo.Vector(2)];

    public BenchmarkData Load(DataContext context)
    {
        return new BenchmarkData(Repeated(options.StepsPerEpoch), Repeated(1), Repeated(1), Sha256());

        TensorSplit Repeated(int count)
        {
            using var start = tensor(Starts[options.Start - 1], device: context.Device);
            return new TensorSplit("vector", start.repeat(count, 1), [zeros(count, device: context.Device), zeros(count, device: context.Device)]);
        }
    }

    /// <summary>f₁ at the points [batch, 2], [batch].</summary>
    public static Tensor First(Tensor x) => Objective(x, Upper(0.5 * (-X1(x) - 7) + X2(x).tanh()), 7);

    /// <summary>f₂ at the points [batch, 2], [batch].</summary>
    public static Tensor Second(Tensor x) => Objective(x, Upper(0.5 * (3 - X1(x)) - X2(x).tanh() + 2), -7);

    private static Tensor Objective(Tensor x, Tensor upper, double bottom)
    {
        var tanh = (0.5 * X2(x)).tanh();
        var lower = ((X1(x) - bottom).square() + 0.1 * (X2(x) + 8).square()) / 10 - 20;
        return tanh.relu() * upper + (-tanh).relu() * lower;
    }

    private static Tensor Upper(Tensor inner) => inner.abs().clamp_min(5e-6).log() + 6;

    private static Tensor X1(Tensor x) => x.select(1, 0);

    private static Tensor X2(Tensor x) => x.select(1, 1);

    private string Sha256() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"toy 1 {options}")));
}

public sealed record ToyOptions
{
    [Description("1: (−8.5, 7.5), 2: (−8.5, −5), 3: (9, 9)"), Range(1, 3)]
    public int Start { get; init; } = 1;

    [Description("steps from one recorded point of the path to the next"), Range(1, 1000000)]
    public int StepsPerEpoch { get; init; } = 100;
}
