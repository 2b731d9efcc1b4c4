using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Inference;

/// <summary>Invented sweeps whose truth is known, judged as real ones are: how often a word is wrong, and how many runs it takes.</summary>
/// <param name="Rows">Beside the reference.</param>
/// <param name="Rule">With rounds.</param>
/// <param name="Truths">Of the rows' differences in margins; rows take them in turn.</param>
/// <param name="Scatter">Deviation of a row's difference from the reference over seeds, in points; half its variance is the reference's, the same for all rows.</param>
/// <param name="Noise">Of every run.</param>
public sealed record SweepSimulation(int Rows, DecisionRule Rule, IReadOnlyList<double> Truths, double Scatter, InventedNoise Noise)
{
    /// <summary>The same for the same seed, however many cores there are.</summary>
    /// <param name="sweeps">How many.</param>
    /// <param name="seed">Of the invented values.</param>
    public SimulatedSweeps Run(int sweeps, int seed = 1)
    {
        var family = new VerdictFamily(Rule, Rows);
        var outcomes = Enumerable.Range(0, sweeps).AsParallel().Select(sweep => Judge(family, new Random((seed * 1_000_003) + sweep))).ToList();
        return new SimulatedSweeps(
            sweeps, outcomes.Count(outcome => outcome.AnyWrong), outcomes.Sum(outcome => outcome.Decided) / ((double)sweeps * Rows), outcomes.Average(outcome => outcome.Runs));
    }

    /// <summary>The fewest seeds, the same for all rows, that decide at least this share of the rows; null where <paramref name="most"/> do not.</summary>
    /// <param name="decided">Share of the rows.</param>
    /// <param name="most">Seeds.</param>
    /// <param name="sweeps">Invented for every number of seeds.</param>
    public int? FixedSeeds(double decided, int most, int sweeps)
    {
        var (fewer, enough) = (Statistics.FewestSeeds - 1, most + 1);
        while (enough - fewer > 1)
        {
            var middle = (fewer + enough) / 2;
            var share = (this with { Rule = Rule with { Rounds = new SeedRounds(middle, middle) } }).Run(sweeps).Decided;
            (fewer, enough) = share >= decided ? (fewer, middle) : (middle, enough);
        }

        return enough > most ? null : enough;
    }

    private (bool AnyWrong, int Decided, int Runs) Judge(VerdictFamily family, Random random)
    {
        var seeds = Rule.Rounds!.To;
        var share = Scatter / Math.Sqrt(2);
        var reference = Values(true, 0);
        var (anyWrong, decided, runs, last) = (false, 0, 0, 0);
        for (var row = 0; row < Rows; row++)
        {
            var truth = Truths[row % Truths.Count] * Rule.Margin;
            var values = Values(false, truth);
            var verdict = family.Judge(Enumerable.Range(0, seeds).ToDictionary(seed => seed + 1, seed => values[seed] - reference[seed]), [])!;
            var decision = verdict.At(Rule.Margin);
            anyWrong |= IsWrong(decision, truth);
            decided += decision == Decision.Undecided ? 0 : 1;
            runs += verdict.Seeds;
            last = Math.Max(last, verdict.Seeds);
        }

        return (anyWrong, decided, runs + last);

        double[] Values(bool isReference, double mean)
        {
            var values = new double[seeds];
            for (var i = 0; i < seeds; i++)
                values[i] = mean + (share * Noise.Draw(random, isReference));
            return values;
        }
    }

    private bool IsWrong(Decision decision, double truth) => decision switch
    {
        Decision.Better => truth <= 0,
        Decision.BetterByLess => truth <= 0 || truth >= Rule.Margin,
        Decision.Equivalent => Math.Abs(truth) >= Rule.Margin,
        Decision.WorseByLess => truth >= 0 || truth <= -Rule.Margin,
        Decision.Worse => truth >= 0,
        _ => false,
    };
}

/// <summary>What came of invented sweeps.</summary>
/// <param name="Sweeps">How many.</param>
/// <param name="Wrong">Sweeps in which a word, or more than one, was wrong.</param>
/// <param name="Decided">Share of the rows.</param>
/// <param name="Runs">Of a sweep, the reference's with them, single-task ones without: mean.</param>
public sealed record SimulatedSweeps(int Sweeps, int Wrong, double Decided, double Runs)
{
    /// <summary>Family-wise: the share of sweeps with a wrong word.</summary>
    public double Error => Wrong / (double)Sweeps;

    /// <summary>Of <see cref="Error"/>, by the number of sweeps.</summary>
    public double StandardError => Math.Sqrt(Error * (1 - Error) / Sweeps);
}
