using KdMtlBench.Contracts.Benchmarks.Tasks;

namespace KdMtlBench.Tests.Networks;

/// <summary>Random graphs of three to eight nodes with two values to be predicted: how many edges a node has on average, and the mean
/// product of a node's own feature and its neighbours'. A batch holds the nodes of all its graphs one after the other.</summary>
public sealed class Graphs : IBenchmark
{
    public const int Features = 3;

    public IReadOnlyList<LearningTask> Tasks { get; } = [new Regression("degree"), new Regression("agreement")];

    public IReadOnlyList<InputInfo> Inputs { get; } =
    [
        new("nodes", [-1, Features]),
        new("edges", [2, -1]) { Dtype = ScalarType.Int64 },
        new("graph-of-node", [-1]) { Dtype = ScalarType.Int64 },
    ];

    public BenchmarkData Load(DataContext context) => new(new Ragged(1, 60, context.Device), new Ragged(2, 20, context.Device), new Ragged(3, 20, context.Device), "graphs");

    /// <summary>Where each graph's nodes and edges lie is known on the host, so that a batch is put together without reading the device.</summary>
    private sealed class Ragged : Split
    {
        private readonly Tensor _nodes; // [all nodes, features]
        private readonly Tensor _edges; // [2, all edges], counted from 0 in each graph
        private readonly Tensor _targets; // [graphs, tasks]
        private readonly (long Start, int Count)[] _nodesOf;
        private readonly (long Start, int Count)[] _edgesOf;

        public Ragged(int seed, int graphs, Device device)
        {
            var random = new Random(seed);
            var (nodes, edges, targets) = (new List<float>(), new List<(long From, long To)>(), new List<float>());
            (_nodesOf, _edgesOf) = (new (long, int)[graphs], new (long, int)[graphs]);
            for (var graph = 0; graph < graphs; graph++)
            {
                var count = random.Next(3, 9);
                float[] features = [.. Enumerable.Range(0, count * Features).Select(_ => random.NextSingle() * 2 - 1)];
                (long From, long To)[] pairs = [.. from a in Enumerable.Range(0, count)
                                                   from b in Enumerable.Range(0, a)
                                                   where random.Next(2) == 0
                                                   from pair in new[] { ((long)a, (long)b), (b, a) }
                                                   select pair];
                (_nodesOf[graph], _edgesOf[graph]) = ((nodes.Count / Features, count), (edges.Count, pairs.Length));
                nodes.AddRange(features);
                edges.AddRange(pairs);
                targets.Add((float)pairs.Length / count);
                targets.Add(pairs.Sum(pair => features[pair.From * Features] * features[pair.To * Features]) / count);
            }

            _nodes = tensor(nodes.ToArray(), [nodes.Count / Features, Features], device: device).DetachFromDisposeScope();
            _edges = tensor([.. edges.Select(edge => edge.From), .. edges.Select(edge => edge.To)], [2, edges.Count], device: device).DetachFromDisposeScope();
            _targets = tensor(targets.ToArray(), [graphs, 2], device: device).DetachFromDisposeScope();
        }

        public override long Count => _nodesOf.Length;

        public override Batch Take(Samples samples)
        {
            var graphs = samples.Numbers.ToArray();
            var device = samples.Indices.device;
            var (first, starts) = (0L, new List<long>());
            foreach (var graph in graphs)
            {
                starts.Add(first);
                first += _nodesOf[graph].Count;
            }

            var shifts = tensor(graphs.SelectMany((graph, i) => Enumerable.Repeat(starts[i], _edgesOf[graph].Count)).ToArray()).to(device);
            var inputs = new Dictionary<string, Tensor>
            {
                ["nodes"] = _nodes.index_select(0, Places(_nodesOf)),
                ["edges"] = _edges.index_select(1, Places(_edgesOf)) + shifts,
                ["graph-of-node"] = tensor(graphs.SelectMany((graph, i) => Enumerable.Repeat((long)i, _nodesOf[graph].Count)).ToArray()).to(device),
            };
            var targets = _targets.index_select(0, samples.Indices);
            return new Batch(inputs, samples.Count, [targets.narrow(1, 0, 1), targets.narrow(1, 1, 1)]);

            Tensor Places((long Start, int Count)[] of) =>
                tensor(graphs.SelectMany(graph => Enumerable.Range(0, of[graph].Count).Select(i => of[graph].Start + i)).ToArray()).to(device);
        }

        protected override void Dispose(bool disposing)
        {
            _nodes.Dispose();
            _edges.Dispose();
            _targets.Dispose();
        }
    }
}
