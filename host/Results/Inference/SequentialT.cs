using MathNet.Numerics.Distributions;
using MathNet.Numerics.RootFinding;

namespace KdMtlBench.Host.Results.Inference;

/// <summary>How far a t statistic may go when it is looked at after every further value: the borders of a group-sequential t-test, which make
/// intervals that hold at all looks together.</summary>
/// <remarks>
/// Exact for independent normal values of unknown variance. For a mean of 0 the values' direction in n dimensions is uniform on the sphere, whatever the
/// variance; with a the latitude of the direction towards (1, …, 1), t = √(n − 1) tan a. One more value turns the direction by an independent
/// angle b, so that a is a Markov chain: sin a' = cos η sin a cos b + sin η sin b with tan η = 1/√n and √n tan b Student's t of n degrees of freedom. The
/// chance that no border has been crossed is carried on over cells of a, and each look's border spends its share of the level.
/// Jennison and Turnbull, Biometrika 78 (1991) and, for the intervals, JRSS B 51 (1989); the spending by power of Kim and DeMets, Biometrika 74 (1987).
/// </remarks>
public static class SequentialT
{
    private const int Cells = 100; // the level comes out within 1 % of what it should be

    /// <summary>The borders of |t| at every look, the first one first.</summary>
    /// <param name="level">That one of them is ever crossed, for a mean of 0.</param>
    /// <param name="from">Values at the first look, 3 or more.</param>
    /// <param name="to">At the last one; there is a look after each value between.</param>
    public static IReadOnlyList<double> Borders(double level, int from, int to)
    {
        var borders = new double[to - from + 1];
        borders[0] = Statistics.TQuantile(Spent(level, from, from, to), from);
        if (to == from)
            return borders;
        var chain = Chain.Start(from, borders[0]);
        for (var n = from + 1; n <= to; n++)
        {
            var share = Spent(level, n, from, to) - Spent(level, n - 1, from, to);
            var border = chain.Border(share);
            borders[n - from] = Math.Sqrt(n - 1) * Math.Tan(border);
            chain = chain.Next(border);
        }

        return borders;
    }

    /// <summary>What of the level may be spent by the look after n values.</summary>
    private static double Spent(double level, int n, int from, int to) => from == to ? level : level * Math.Pow((n - 1.0) / (to - 1), Exponent);

    /// <summary>Of the spending. By simulation: with 1 the first looks take what few seeds cannot use, with 3 decisions come late.</summary>
    private const double Exponent = 2;

    /// <summary>After n values: the chance that no border was crossed and |a| lies in one of equally wide cells between 0 and the border.</summary>
    private sealed record Chain(int Values, double Edge, double[] Mass)
    {
        private double Width => Edge / Mass.Length;

        public static Chain Start(int values, double border)
        {
            var edge = Math.Atan(border / Math.Sqrt(values - 1));
            var chain = new Chain(values, edge, new double[Cells]);
            for (var i = 0; i < Cells; i++)
                chain.Mass[i] = 2 * (Cdf((i + 1) * chain.Width) - Cdf(i * chain.Width));
            return chain;

            double Cdf(double a) => StudentT.CDF(0, 1, values - 1, Math.Sqrt(values - 1) * Math.Tan(a));
        }

        /// <summary>The angle that is exceeded after one more value with this probability.</summary>
        public double Border(double share) => Brent.FindRoot(a => Mass.Index().Sum(cell => cell.Item * (1 - Within(Middle(cell.Index), a))) - share, 1e-6, (Math.PI / 2) - 1e-9, 1e-13);

        public Chain Next(double border)
        {
            var next = new Chain(Values + 1, border, new double[Cells]);
            for (var i = 0; i < Cells; i++)
            {
                var below = 0.0;
                for (var j = 0; j < Cells; j++)
                {
                    var within = Within(Middle(i), (j + 1) * next.Width);
                    next.Mass[j] += Mass[i] * (within - below);
                    below = within;
                }
            }

            return next;
        }

        private double Middle(int cell) => (cell + 0.5) * Width;

        /// <summary>P(|a'| ≤ x | a).</summary>
        private double Within(double a, double x)
        {
            // sin a' = A cos(b − b0)
            var (cos, sin) = (Math.Sqrt(Values / (Values + 1.0)), Math.Sqrt(1 / (Values + 1.0)));
            var amplitude = Math.Sqrt(Math.Pow(cos * Math.Sin(a), 2) + (sin * sin));
            var b0 = Math.Atan2(sin, cos * Math.Sin(a));
            return AtMost(Math.Sin(x) / amplitude, b0) - AtMost(-Math.Sin(x) / amplitude, b0);
        }

        /// <summary>P(cos(b − b0) ≤ c), b between ± π/2.</summary>
        private double AtMost(double c, double b0)
        {
            if (c >= 1)
                return 1;
            if (c <= -1)
                return 0;
            var w = Math.Acos(c);
            return 1 - Turn(b0 + w) + Turn(b0 - w) - Turn(b0 + w - (2 * Math.PI));
        }

        /// <summary>P(b ≤ angle): the density is proportional to cosᵐ b with m = n − 1, whose integral follows from that of cosᵐ⁻² b.</summary>
        private double Turn(double angle)
        {
            if (angle <= -Math.PI / 2)
                return 0;
            if (angle >= Math.PI / 2)
                return 1;
            var (sin, cos) = Math.SinCos(angle);
            var even = (Values - 1) % 2 == 0;
            var (part, whole, power) = even ? (angle + (Math.PI / 2), Math.PI, 1.0) : (sin + 1, 2, 1);
            for (var m = even ? 2 : 3; m < Values; m += 2)
            {
                power *= even && m == 2 ? cos : cos * cos;
                part = ((power * sin) + ((m - 1) * part)) / m;
                whole *= (m - 1.0) / m;
            }

            return part / whole;
        }
    }
}
