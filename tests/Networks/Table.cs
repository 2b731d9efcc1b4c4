using KdMtlBench.Contracts.Benchmarks.Tasks;

namespace KdMtlBench.Tests.Networks;

/// <summary>A table with numbers and a category in each row, and four values to be predicted from it, of which the last has gaps.</summary>
public sealed class Table : IBenchmark
{
    public const int Numbers = 5;
    public const int Categories = 3;

    public IReadOnlyList<LearningTask> Tasks { get; } = [new Regression("sum"), new Regression("product"), new Regression("shift"), new Regression("gaps")];

    public IReadOnlyList<InputInfo> Inputs { get; } =
        [new("numbers", [-1, Numbers]), new("category", [-1]) { Dtype = ScalarType.Int64 }];

    public BenchmarkData Load(DataContext context) => new(Rows(1, 96, context.Device), Rows(2, 32, context.Device), Rows(3, 32, context.Device), "table");

    private static TensorSplit Rows(ulong seed, int count, Device device)
    {
        using var generator = new Generator(seed);
        var numbers = randn([count, Numbers], generator: generator);
        var category = randint(0, Categories, [count], dtype: ScalarType.Int64, generator: generator);
        var shift = category.to(ScalarType.Float32) - 1;
        Tensor[] targets = [numbers.sum(1) / 2, numbers[.., 0] * numbers[.., 1], numbers[.., 2] + shift, (numbers[.., 3] * shift).tanh()];
        return new TensorSplit(
            new Dictionary<string, Tensor> { ["numbers"] = numbers.to(device), ["category"] = category.to(device) },
            [.. targets.Select(target => target.unsqueeze(1).to(device))],
            [null, null, null, [.. Enumerable.Range(0, count).Select(row => row % 3 > 0)]]);
    }
}
