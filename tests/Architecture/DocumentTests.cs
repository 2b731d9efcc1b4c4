using System.Text.RegularExpressions;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Architecture;

/// <summary>The documents speak of this code: what docs/architecture names is there, and links lead somewhere.</summary>
public partial class DocumentTests
{
    private static readonly string _architecture = Path.Combine(Repository.Root, "docs", "architecture");

    private static readonly Lazy<string> _sources = new(() => string.Join('\n', new[] { "contracts", "host", "plugins" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
        .Select(File.ReadAllText)));

    private static readonly Lazy<IReadOnlySet<string>> _types = new(() =>
        Declaration().Matches(_sources.Value).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal));

    public static TheoryData<string> Pages => [.. Directory.GetFiles(_architecture, "*.md").Select(Path.GetFileName).OfType<string>()];

    public static TheoryData<string> Pictures => [.. Directory.GetFiles(_architecture, "*.svg").Select(Path.GetFileName).OfType<string>()];

    [Theory, MemberData(nameof(Pages))]
    public void What_a_page_names_is_in_the_code(string page) =>
        Code().Matches(File.ReadAllText(Path.Combine(_architecture, page))).Select(match => match.Groups["code"].Value)
            .Where(code => !IsThere(code)).Distinct().ShouldBeEmpty();

    [Theory, MemberData(nameof(Pictures))]
    public void What_a_picture_shows_is_a_type(string picture) =>
        PictureType().Matches(File.ReadAllText(Path.Combine(_architecture, picture))).Select(match => match.Groups["name"].Value)
            .Where(name => !_types.Value.Contains(name)).ShouldBeEmpty();

    [Fact]
    public void The_walks_go_by_types_and_files_that_are_there()
    {
        var stops = File.ReadLines(Path.Combine(_architecture, "walks.txt")).Where(line => line.Length > 0 && line[0] is not ('#' or '[')).ToList();
        stops.Count.ShouldBeGreaterThan(50);
        stops.Where(stop => !stop.Contains(" until ", StringComparison.Ordinal))
            .Where(stop => !(stop.Contains('/', StringComparison.Ordinal) ? File.Exists(Path.Combine(Repository.Root, stop)) : _types.Value.Contains(stop)))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Links_lead_to_files()
    {
        var pages = Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Repository.Root, "README.md"));
        var broken = pages.SelectMany(page => Link().Matches(File.ReadAllText(page)).Select(match => match.Groups["target"].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, target)))
            .Select(target => $"{Path.GetRelativePath(Repository.Root, page)}: {target}"));
        broken.ShouldBeEmpty();
    }

    [Fact]
    public void Decisions_are_numbered_without_a_gap_and_say_their_number()
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "docs", "decisions"), "*.md").Order(StringComparer.Ordinal).ToList();
        foreach (var (index, file) in files.Index())
        {
            Path.GetFileName(file).ShouldStartWith($"{index + 1:0000}-");
            File.ReadLines(file).First().ShouldStartWith($"# {index + 1}. ");
        }
    }

    /// <summary>A path, a type, a member, a folder of host/; anything else in backquotes is no name of the code.</summary>
    private static bool IsThere(string code)
    {
        if (PathInRepository().IsMatch(code))
            return Path.Exists(Path.Combine(Repository.Root, code)) || Path.Exists(Path.Combine(_architecture, code));
        if (!Name().IsMatch(code))
            return true;
        return code.Split('.').All(name => _types.Value.Contains(name)
            || Directory.Exists(Path.Combine(Repository.Root, "host", name)) || Directory.Exists(Path.Combine(Repository.Root, "host", "Reports", name))
            || Regex.IsMatch(_sources.Value, $@"\b{name}\b", RegexOptions.None, TimeSpan.FromSeconds(5)));
    }

    [GeneratedRegex(@"^[a-z ]*\b(class|record struct|record|struct|interface|enum) (?<name>[A-Z]\w*)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"`(?<code>[^`\n]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();

    [GeneratedRegex(@"class=""type""[^>]*>(?<name>[^<]+)<", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PictureType();

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)(#[^)]*)?\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^(contracts|host|plugins|tests|docs|results)/[\w./-]*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PathInRepository();

    [GeneratedRegex(@"^[A-Z][a-zA-Z0-9]*(\.[A-Z][a-zA-Z0-9]*)*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
