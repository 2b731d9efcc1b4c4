using CsCheck;

namespace KdMtlBench.Tests.Support;

/// <summary>Matrices whose rows stand for tasks' gradients, and what is computed from them the plain way.</summary>
internal static class Gramians
{
    /// <summary>2 to <paramref name="mostTasks"/> rows of any rank, norms from 1e-12 to 1e12 (alike or mixed), some of them zero,
    /// copies or opposites of others.</summary>
    public static Gen<double[][]> Jacobians(int mostTasks = 40) =>
        Gen.Select(Gen.Int[2, mostTasks], Gen.Int[1, 45], Gen.Double[-12, 12], Gen.Bool, Gen.Bool, Gen.Int[0, int.MaxValue])
            .Select((tasks, rank, exponent, mixed, degenerate, seed) => Jacobian(tasks, rank, exponent, mixed, degenerate, new Random(seed)));

    /// <summary>Rows of rank above the number of tasks and of like norms: the optimum is unique and far from rounding.</summary>
    public static Gen<double[][]> WellConditioned(int mostTasks = 40) =>
        Gen.Select(Gen.Int[2, mostTasks], Gen.Double[-12, 12], Gen.Int[0, int.MaxValue])
            .Select((tasks, exponent, seed) => Jacobian(tasks, 2 * tasks, exponent, mixed: false, degenerate: false, new Random(seed)));

    /// <summary>Rows with norms from 1e-3 to 1e3, independent or, as often unless told, of any rank.</summary>
    public static Gen<double[][]> Scaled(bool mayBeDependent = true, int mostTasks = 40) =>
        Gen.Select(Gen.Int[2, mostTasks], Gen.Int[2, mostTasks], Gen.Bool, Gen.Int[0, int.MaxValue]).Select((tasks, rank, even, seed) =>
        {
            var random = new Random(seed);
            var rows = Jacobian(tasks, mayBeDependent && even ? rank : 2 * tasks, 0, mixed: false, degenerate: false, random);
            return rows.Select(row => Times(row, Math.Pow(10, random.NextDouble() * 6 - 3))).ToArray();
        });

    /// <summary>As <see cref="Scaled"/>, with unit vectors whose first entry is positive: some direction serves all.</summary>
    public static Gen<double[][]> Agreeing(int mostTasks = 40) =>
        Scaled(mostTasks: mostTasks).Select(rows => rows.Select(row =>
        {
            var norm = Norm(row);
            return row.Select((value, p) => p == 0 ? Math.Abs(value) + 0.05 * norm : value).ToArray();
        }).ToArray());

    public static double[] Times(double[] row, double factor) => [.. row.Select(value => value * factor)];

    public static double[,] Of(double[][] rows)
    {
        var gramian = new double[rows.Length, rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < rows.Length; j++)
                gramian[i, j] = Dot(rows[i], rows[j]);
        }
        return gramian;
    }

    public static double Dot(double[] left, double[] right) => left.Zip(right, (a, b) => a * b).Sum();

    public static double Norm(double[] row) => Math.Sqrt(Dot(row, row));

    /// <summary>Σ wᵢ gᵢ.</summary>
    public static double[] Combine(double[][] rows, double[] weights) =>
        [.. Enumerable.Range(0, rows[0].Length).Select(p => rows.Select((row, i) => weights[i] * row[p]).Sum())];

    public static int[] Permutation(int count, int seed)
    {
        var order = Enumerable.Range(0, count).ToArray();
        new Random(seed).Shuffle(order);
        return order;
    }

    private static double[][] Jacobian(int tasks, int rank, double exponent, bool mixed, bool degenerate, Random random)
    {
        var rows = new double[tasks][];
        for (var i = 0; i < tasks; i++)
        {
            var direction = Enumerable.Range(0, rank).Select(_ => random.NextDouble() * 2 - 1).ToArray();
            var scale = Math.Pow(10, mixed ? random.NextDouble() * 24 - 12 : exponent) / Norm(direction);
            rows[i] = (degenerate && i > 0 ? random.Next(5) : 4) switch
            {
                0 => new double[rank],
                1 => [.. rows[random.Next(i)]],
                2 => [.. rows[random.Next(i)].Select(value => -value)],
                _ => [.. direction.Select(value => value * scale)],
            };
        }
        return rows;
    }
}
