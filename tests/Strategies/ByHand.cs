using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

/// <summary>Trains <see cref="Quadratics"/> under a list of strategies, in arrays of doubles. An objective is kept as the numbers that
/// describe it, Oᵢ = sᵢ Lᵢ + tᵢ to first order: its value, and how much of ∇Lᵢ is in its gradient.</summary>
internal sealed class ByHand(string[] list)
{
    private const int Tasks = 3;
    private const double AdamRate = 0.01; // of uncertainty and imtl-l, as the test sets it
    private static readonly double[] _ones = [1, 1, 1];
    private readonly Dictionary<string, Adam> _learnt = [];
    private readonly Dictionary<int, List<double[]>> _epochs = [];
    private readonly Dictionary<int, double[]> _sums = [];
    private readonly Dictionary<int, double[]> _weightSums = [];
    private double[]? _initialLosses;
    private int _step;

    public double[] Theta { get; private set; } = new double[3];

    public double[][] Heads { get; } = [new double[3], new double[3], new double[3]];

    /// <summary>[place][task] of the last epoch.</summary>
    public double[][] MeanWeights => [.. list.Select((_, place) => _weightSums[place].Select(sum => sum / Quadratics.StepsPerEpoch).ToArray())];

    public void Train()
    {
        for (var epoch = 0; epoch < 4; epoch++)
        {
            for (var place = 0; place < list.Length; place++)
                (_sums[place], _weightSums[place]) = (new double[Tasks], new double[Tasks]);
            for (var step = 0; step < Quadratics.StepsPerEpoch; step++)
                Step();
            for (var place = 0; place < list.Length; place++)
                Epochs(place).Add([.. _sums[place].Select(sum => sum / Quadratics.StepsPerEpoch)]);
        }
    }

    private void Step()
    {
        var bare = Losses();
        double[] values = [.. bare], scales = [.. _ones]; // of the objectives: value, and factor of ∇L
        var gradients = Gradients();
        var after = new List<Action>();
        var applied = new double[list.Length][]; // weights of this step, for what is recomputed
        double[]? shared = null;
        for (var place = 0; place < list.Length; place++)
        {
            Add(_sums[place], values);
            var received = ((double[])[.. values], (double[])[.. scales]);
            var (weights, shifts) = Weigh(list[place], place, received, gradients, after, applied);
            applied[place] = weights;
            if (list[place] is "pcgrad" or "mgda")
            {
                double[][] rows = [.. gradients.Select((row, i) => row.Select(value => value * scales[i]).ToArray())];
                weights = list[place] == "pcgrad" ? PcGradWeights(rows) : MinimumNormWeights(rows);
                shared = Gramians.Combine(rows, weights);
            }
            else
                (values, scales) = ([.. values.Select((value, i) => list[place] == "log" ? Math.Log(value) : weights[i] * value + shifts[i])], [.. scales.Select((scale, i) => scale * weights[i])]);

            Add(_weightSums[place], weights);
        }

        shared ??= Gramians.Combine(gradients, scales);
        Theta = [.. Theta.Zip(shared, (value, slope) => value - Quadratics.LearningRate * slope)];
        for (var i = 0; i < Tasks; i++)
            for (var j = 0; j < 3; j++)
                Heads[i][j] -= Quadratics.LearningRate * scales[i] * gradients[i][j];
        // The learnt factors of uncertainty and imtl-l sit behind whatever weighs their objectives later.
        after.ForEach(action => action());
        _step++;
    }

    /// <summary>The factor that a method puts on each loss, and what it adds; learning is put off until the parameters have moved.</summary>
    private (double[] Weights, double[] Shifts) Weigh(
        string id, int place, (double[] Values, double[] Scales) received, double[][] gradients, List<Action> after, double[][] applied)
    {
        var (values, zeros) = (received.Values, new double[Tasks]);
        switch (id)
        {
            case "static":
                return ([0.5, 2, 1], zeros);
            case "log":
                return ([.. values.Select(value => 1 / value)], zeros);
            case "geometric-loss":
                var mean = Math.Exp(values.Average(Math.Log));
                return ([.. values.Select(value => mean / (Tasks * value))], zeros);
            case "dwa":
                if (Epochs(place).Count < 2)
                    return (_ones, zeros);
                var exponents = Epochs(place)[^1].Zip(Epochs(place)[^2], (now, then) => Math.Exp(now / then / 2)).ToArray();
                return ([.. exponents.Select(e => Tasks * e / exponents.Sum())], zeros);
            case "smooth-tchebycheff":
                if (Epochs(place).Count < 2)
                    return ([.. values.Select(value => 1 / value)], zeros);
                var shares = values.Zip(Epochs(place)[1], (value, nadir) => value / nadir).ToArray(); // e^(f/μ), μ = 1
                return ([.. shares.Select((share, i) => Tasks * share / shares.Sum() / values[i])], zeros);
            case "uncertainty":
                // The first task of a paper's form would be a classification; all three are regressions: ½.
                var s = Learnt(id, -0.2, AdamRate, 0);
                double[] halves = [.. s.Values.Select(value => 0.5 * Math.Exp(-value))];
                after.Add(() => s.Step([.. halves.Select((weight, i) => Later(place, i, applied) * (0.5 - weight * values[i]))]));
                return (halves, [.. s.Values.Select(value => 0.5 * value)]);
            case "imtl-l":
                var l = Learnt(id, 0, AdamRate, 0);
                double[] factors = [.. l.Values.Select(Math.Exp)];
                after.Add(() => l.Step([.. factors.Select((factor, i) => Later(place, i, applied) * (factor * values[i] - 1))]));
                return (factors, [.. l.Values.Select(value => -value)]);
            case "famo":
                return (Famo(place, values, after, applied), zeros);
            case "random-loss-weighting":
                return (RandomWeights(place), zeros);
            case "gradnorm":
                return (GradNorm(received, gradients, after), zeros);
            default:
                return (_ones, zeros);
        }
    }

    /// <summary>∂(sum of the final objectives)/∂(the objective that a place returns): what strategies behind it have multiplied it by.</summary>
    private double Later(int place, int task, double[][] applied) =>
        Enumerable.Range(place + 1, list.Length - place - 1).Where(later => list[later] is not ("pcgrad" or "mgda")).Aggregate(1.0, (product, later) => product * applied[later][task]);

    private double[] Famo(int place, double[] before, List<Action> after, double[][] applied)
    {
        var xi = Learnt("famo", 0, 0.025, 1e-3);
        var z = Softmax(xi.Values);
        double[] weights = [.. z.Zip(before, (share, loss) => share / loss)];
        after.Add(() =>
        {
            // What it received, of the same batch with the new parameters and this step's weights before it.
            var now = Losses();
            for (var earlier = 0; earlier < place; earlier++)
                now = [.. now.Zip(applied[earlier], (value, weight) => value * weight)];
            double[] decrease = [.. before.Zip(now, (then, loss) => Math.Log(then) - Math.Log(loss))];
            var mean = z.Zip(decrease, (share, value) => share * value).Sum();
            xi.Step([.. z.Zip(decrease, (share, value) => share * (value - mean))]);
        });
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    private double[] GradNorm((double[] Values, double[] Scales) received, double[][] gradients, List<Action> after)
    {
        var learnt = Learnt("gradnorm", 1, 0.025, 0);
        _initialLosses ??= received.Values;
        double[] weights = [.. learnt.Values];
        double[] norms = [.. gradients.Select((row, i) => Gramians.Norm(row) * received.Scales[i])];
        double[] ratios = [.. received.Values.Zip(_initialLosses, (now, first) => now / first)];
        var mean = weights.Zip(norms, (weight, norm) => weight * norm).Average();
        after.Add(() =>
        {
            learnt.Step([.. norms.Select((norm, i) => Math.Sign(weights[i] * norm - mean * Math.Pow(ratios[i] / ratios.Average(), 1.5)) * norm)]);
            learnt.Values = [.. learnt.Values.Select(value => Math.Max(1e-3, value))];
            var sum = learnt.Values.Sum();
            learnt.Values = [.. learnt.Values.Select(value => value * Tasks / sum)];
        });
        return weights;
    }

    /// <summary>Softmax of Gaussian draws; a strategy's own source is that of its place, the last one's the step's.</summary>
    private double[] RandomWeights(int place)
    {
        var random = KdMtlBench.Host.Runs.Randomness.Source(1, place == list.Length - 1 ? "step" : $"step-{place}", _step);
        double[] draws = [.. Enumerable.Range(0, Tasks).Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
        return Softmax(draws);
    }

    private double[] PcGradWeights(double[][] rows) =>
        KdMtlBench.Plugins.PcGrad.Weights(Gramians.Of(rows), KdMtlBench.Host.Runs.Randomness.Source(1, "step", _step));

    /// <summary>The shortest of the shortest points of every face of the triangle, each by its normal equations.</summary>
    public static double[] MinimumNormWeights(double[][] rows)
    {
        int[][] faces = [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]];
        return faces.Select(face => OnFace(Gramians.Of(rows), face))
            .Where(weights => weights.All(weight => weight >= 0))
            .MinBy(weights => Gramians.Norm(Gramians.Combine(rows, weights)))!;
    }

    /// <summary>α on the face's plane Σ α = 1 with G α = μ 1, by Cramer's rule.</summary>
    private static double[] OnFace(double[,] gramian, int[] face)
    {
        var weights = new double[Tasks];
        foreach (var (k, task) in face.Index())
            weights[task] = Determinant(face.Length, (i, j) => j == k ? 1 : gramian[face[i], face[j]]);
        var sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    private static double Determinant(int size, Func<int, int, double> at) => size switch
    {
        1 => at(0, 0),
        2 => at(0, 0) * at(1, 1) - at(0, 1) * at(1, 0),
        _ => at(0, 0) * (at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)) - at(0, 1) * (at(1, 0) * at(2, 2) - at(1, 2) * at(2, 0))
            + at(0, 2) * (at(1, 0) * at(2, 1) - at(1, 1) * at(2, 0)),
    };

    private double[][] Gradients() =>
        [.. Enumerable.Range(0, Tasks).Select(i => Theta.Select((value, j) => Quadratics.Curvatures[i] * (value + Heads[i][j] - Quadratics.Minima[i][j])).ToArray())];

    private double[] Losses() => [.. Gradients().Select((row, i) => row.Sum(value => value * value) / (2 * Quadratics.Curvatures[i]) + Quadratics.Offsets[i])];

    private List<double[]> Epochs(int place) => _epochs.TryGetValue(place, out var epochs) ? epochs : _epochs[place] = [];

    private Adam Learnt(string id, double initial, double rate, double decay) =>
        _learnt.TryGetValue(id, out var known) ? known : _learnt[id] = new Adam([initial, initial, initial], rate, decay);

    private static double[] Softmax(double[] values)
    {
        var exponents = values.Select(Math.Exp).ToArray();
        return [.. exponents.Select(e => e / exponents.Sum())];
    }

    private static void Add(double[] sums, double[] values)
    {
        for (var i = 0; i < sums.Length; i++)
            sums[i] += values[i];
    }

    /// <summary>Kingma &amp; Ba's algorithm 1 with L2 decay, PyTorch's defaults.</summary>
    private sealed class Adam(double[] values, double rate, double decay)
    {
        private readonly double[] _first = new double[values.Length];
        private readonly double[] _second = new double[values.Length];
        private int _steps;

        public double[] Values { get; set; } = values;

        public void Step(double[] gradient)
        {
            _steps++;
            Values = [.. Values.Select((value, i) =>
            {
                var slope = gradient[i] + decay * value;
                _first[i] = 0.9 * _first[i] + 0.1 * slope;
                _second[i] = 0.999 * _second[i] + 0.001 * slope * slope;
                var (mean, square) = (_first[i] / (1 - Math.Pow(0.9, _steps)), _second[i] / (1 - Math.Pow(0.999, _steps)));
                return value - rate * mean / (Math.Sqrt(square) + 1e-8);
            })];
        }
    }
}
