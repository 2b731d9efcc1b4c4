using KdMtlBench.Host.Results.Inference;
using MathNet.Numerics.Distributions;

namespace KdMtlBench.Tests.Results.Inference;

public class SequentialTTests
{
    [Fact]
    public void A_single_look_is_students_t() =>
        SequentialT.Borders(0.05, 5, 5).ShouldHaveSingleItem().ShouldBe(2.776445, 1e-6);

    [Fact]
    public void Two_looks_agree_with_a_double_integral()
    {
        // Values at 3 and 4. The level of the second look is taken by quadrature over the angle after three values and the turn by the fourth.
        var borders = SequentialT.Borders(0.1, 3, 4);
        StudentT.CDF(0, 1, 2, -borders[0]).ShouldBe(0.1 * Math.Pow(2 / 3.0, 2) / 2, 1e-9);
        const int Steps = 2000;
        var (crossed, whole) = (0.0, 0.0);
        for (var i = 0; i < Steps; i++)
        {
            var a = ((i + 0.5) / Steps - 0.5) * Math.PI;
            for (var j = 0; j < Steps; j++)
            {
                var b = ((j + 0.5) / Steps - 0.5) * Math.PI;
                var density = Math.Cos(a) * Math.Pow(Math.Cos(b), 2);
                var sin = (Math.Sqrt(3) / 2 * Math.Sin(a) * Math.Cos(b)) + (Math.Sin(b) / 2);
                whole += density;
                if (Math.Sqrt(2) * Math.Abs(Math.Tan(a)) > borders[0] || Math.Sqrt(3) * Math.Abs(sin) / Math.Sqrt(1 - (sin * sin)) > borders[1])
                    crossed += density;
            }
        }

        (crossed / whole).ShouldBe(0.1, 0.001);
    }

    [Theory]
    [InlineData(0.05, 3, 12)]
    [InlineData(0.05, 5, 30)]
    [InlineData(0.01, 4, 40)]
    public void The_level_is_spent_by_the_last_look_and_its_share_by_each(double level, int from, int to)
    {
        const int Paths = 20_000;
        var borders = SequentialT.Borders(level, from, to);
        var middle = (from + to) / 2;
        var random = new Random(1);
        var (all, early) = (0, 0);
        for (var path = 0; path < Paths; path++)
        {
            var first = FirstCrossing(random, borders, from, to);
            all += first <= to ? 1 : 0;
            early += first <= middle ? 1 : 0;
        }

        Expect(all, level);
        Expect(early, level * Math.Pow((middle - 1.0) / (to - 1), 2));

        static void Expect(int count, double probability) =>
            (count / (double)Paths).ShouldBe(probability, (4 * Math.Sqrt(probability / Paths)) + (0.01 * probability)); // four standard errors, and the cells
    }

    private static int FirstCrossing(Random random, IReadOnlyList<double> borders, int from, int to)
    {
        var (sum, squares) = (0.0, 0.0);
        for (var n = 1; n <= to; n++)
        {
            var value = Normal.Sample(random, 0, 7);
            (sum, squares) = (sum + value, squares + (value * value));
            if (n >= from && Math.Abs(sum / n) > borders[n - from] * Math.Sqrt((squares - (sum * sum / n)) / (n - 1) / n))
                return n;
        }

        return to + 1;
    }
}
