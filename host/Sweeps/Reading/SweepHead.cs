using KdMtlBench.Host.Options;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps.Reading;

/// <summary>What a leaderboard needs of a sweep file beside the records, which stand without the plugins that made them.</summary>
/// <param name="Title">May be empty.</param>
/// <param name="Rule">How the rows are judged.</param>
public sealed record SweepHead(string Title, DecisionRule Rule)
{
    /// <summary>Reads these and nothing else.</summary>
    /// <exception cref="InputException">The file is not valid YAML, or these are not what they should be.</exception>
    public static SweepHead Read(string file)
    {
        var mistakes = new Mistakes(file);
        var map = YamlReader.Read(File.ReadAllText(file), mistakes) as YamlMap ?? new YamlMap(new Place(1, 1), []);
        var head = new SweepHead(SweepReader.Title(map, mistakes), DecisionRuleReader.Read(map, mistakes));
        return mistakes.Count == 0 ? head : throw mistakes.Exception();
    }
}
