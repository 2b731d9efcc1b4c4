namespace KdMtlBench.Host.Options;

/// <summary>An options record filled from a file.</summary>
/// <param name="Options">The record; null where there are no options.</param>
/// <param name="Label">The owner's id and what differs from the defaults: <c>uncertainty(form=mtan initial=-0.5)</c>.
/// Required options always show. Two records of one type have the same label only if they are equal.</param>
/// <param name="Settings">Every option in full, kebab-case key to invariant text, sorted by key.</param>
public sealed record BoundOptions(object? Options, string Label, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>A record of options that all owners of a kind take; label and settings show what differs from its defaults. Null where there is none.</summary>
    public object? Common { get; init; }

    /// <summary>The options that the label shows, and how.</summary>
    public IReadOnlyList<(string Key, string Text)> Shown { get; init; } = [];

    /// <summary>The label of the same options without one of them.</summary>
    /// <param name="owner">Its id.</param>
    /// <param name="key">Of the option that is left out.</param>
    public string LabelWithout(string owner, string key) => LabelOf(owner, [.. Shown.Where(option => option.Key != key)]);

    /// <summary>The label with the options of another record behind, as <c>key.option=value</c>.</summary>
    /// <param name="owner">Its id.</param>
    /// <param name="key">Where the other record stands.</param>
    /// <param name="other">That record.</param>
    public string LabelWith(string owner, string key, BoundOptions other) =>
        LabelOf(owner, [.. Shown, .. other.Shown.Select(option => ($"{key}.{option.Key}", option.Text))]);

    internal static string LabelOf(string owner, IReadOnlyList<(string Key, string Text)> shown) =>
        shown.Count == 0 ? owner : $"{owner}({string.Join(' ', shown.Select(option => $"{option.Key}={option.Text}"))})";
}

/// <summary>A benchmark of the sweep, for options that hold one entry a task.</summary>
/// <param name="Label">Its id and options.</param>
/// <param name="Tasks">The tasks' ids.</param>
public sealed record BenchmarkTasks(string Label, IReadOnlyList<string> Tasks);

/// <summary>Fills options records from YAML mappings, by reflection over their public properties.</summary>
/// <remarks>A property <c>LearningRate</c> is the key <c>learning-rate</c>. Types: int, long, double, bool, string, enums
/// (in kebab-case), these with <c>?</c>, and IReadOnlyList of them. <c>required</c>, [Range], [PerTask], [Description] and
/// the initial values are honoured.</remarks>
/// <param name="mistakes">Where all that is wrong is noted; nothing is thrown for it.</param>
/// <param name="benchmarks">What lists marked [PerTask] must fit; empty where it is not known.</param>
public sealed class OptionsBinder(Mistakes mistakes, IReadOnlyList<BenchmarkTasks> benchmarks)
{
    /// <summary>What a record offers; empty for null.</summary>
    /// <exception cref="InputException">The record has a property that a file cannot fill.</exception>
    public static IReadOnlyList<OptionDescription> Describe(Type? record) => [.. OptionsOf(record).Select(option => option.Description)];

    /// <summary>The one record that a mapping describes; null where something is wrong with it, which has been noted.</summary>
    /// <param name="owner">Whose options they are, for messages and the label: <c>dwa</c>.</param>
    /// <param name="record">The type; null where the owner has no options.</param>
    /// <param name="value">A mapping, or null or an empty scalar for no options at all.</param>
    /// <param name="place">Of the owner in the file.</param>
    public BoundOptions? Bind(string owner, Type? record, YamlValue? value, Place place) =>
        Bind(owner, record, value, place, expand: false).SingleOrDefault();

    /// <summary>All records that a mapping describes: an option given as a list of values makes one record of each, several
    /// such options all combinations, the last varying fastest. What is wrong has been noted and gives no record.</summary>
    /// <param name="owner">Whose options they are, for messages and the label: <c>dwa</c>.</param>
    /// <param name="record">The type; null where the owner has no options.</param>
    /// <param name="value">A mapping, or null or an empty scalar for no options at all.</param>
    /// <param name="place">Of the owner in the file.</param>
    /// <param name="common">The type of <see cref="BoundOptions.Common"/>.</param>
    /// <param name="elsewhere">Keys that are read elsewhere, for messages that say what is known.</param>
    public IReadOnlyList<BoundOptions> BindEach(
        string owner, Type? record, YamlValue? value, Place place, Type? common = null, IReadOnlyList<string>? elsewhere = null) =>
        Bind(owner, record, value, place, expand: true, common, elsewhere);

    /// <summary>All variants of a record that a mapping of some of its options describes; what the mapping leaves out stays as it is. The label
    /// shows what the mapping gives.</summary>
    /// <param name="owner">Whose options they are, for messages and the label.</param>
    /// <param name="given">The record as it is.</param>
    /// <param name="value">A mapping, or null or an empty scalar for no change.</param>
    /// <param name="place">Of the owner in the file.</param>
    /// <param name="expand">Whether a list of values makes one variant of each.</param>
    public IReadOnlyList<BoundOptions> BindOver(string owner, object given, YamlValue? value, Place place, bool expand)
    {
        var options = OptionsOf(given.GetType());
        return [.. Choices(owner, options, value, place, expand, complete: false, []).Select(settings => Over(owner, given, options, settings))];
    }

    private IReadOnlyList<BoundOptions> Bind(
        string owner, Type? record, YamlValue? value, Place place, bool expand, Type? common = null, IReadOnlyList<string>? elsewhere = null)
    {
        var (own, shared) = (OptionsOf(record), OptionsOf(common));
        return [.. Choices(owner, [.. own, .. shared], value, place, expand, complete: true, elsewhere ?? [])
            .Select(settings => Fill(owner, (record, own), (common, shared), settings))];
    }

    /// <summary>Every combination of settings that a mapping describes; none where something is wrong with it, which has been noted.</summary>
    private IEnumerable<IReadOnlyList<Setting>> Choices(
        string owner, IReadOnlyList<Option> options, YamlValue? value, Place place, bool expand, bool complete, IReadOnlyList<string> elsewhere)
    {
        if (value is not (null or YamlMap or YamlScalar { IsNull: true }))
        {
            mistakes.Add(value.Place, $"the options of `{owner}` are a mapping like {{{options.Select(o => o.Key).FirstOrDefault("key")}: value}}, not {value.Shown}");
            return [];
        }
        var before = mistakes.Count;
        var entries = (value as YamlMap)?.Entries ?? [];
        var choices = entries.Select(entry => Settings(owner, options, entry, expand, elsewhere)).ToList();
        foreach (var missing in options.Where(option => complete && option.Required && !entries.Any(entry => entry.Key.Text == option.Key)))
            mistakes.Add(place, $"{missing.Of(owner)} is missing ({missing.Description.Type})");
        if (Combinations.Count(choices) > Combinations.Limit)
            mistakes.Add(place, $"the options of `{owner}` make more than {Combinations.Limit} combinations; list fewer values");
        return mistakes.Count > before ? [] : Combinations.Of(choices);
    }

    /// <summary>The settings to try that one entry of the mapping stands for.</summary>
    private IReadOnlyList<Setting> Settings(string owner, IReadOnlyList<Option> options, YamlEntry entry, bool expand, IReadOnlyList<string> elsewhere)
    {
        var option = options.FirstOrDefault(option => option.Key == entry.Key.Text);
        if (option is null)
        {
            mistakes.Add(entry.Key.Place, Wording.Unknown(
                $"option {Wording.Quote(entry.Key.Text)} of `{owner}`", entry.Key.Text, [.. options.Select(o => o.Key), .. elsewhere]));
            return [];
        }
        var values = expand ? option.Alternatives(entry.Value) : [entry.Value];
        foreach (var list in values.OfType<YamlList>().Where(_ => option.PerTask))
            CompareWithTasks(owner, option, list);
        return [.. values.SelectMany(value => option.Read(value, owner, mistakes)).Select(value => new Setting(option, value))];
    }

    private void CompareWithTasks(string owner, Option option, YamlList list)
    {
        foreach (var benchmark in benchmarks.Where(benchmark => benchmark.Tasks.Count != list.Items.Count))
            mistakes.Add(list.Place, $"{option.Of(owner)} has {list.Items.Count} entries, but `{benchmark.Label}` has {benchmark.Tasks.Count} tasks ({string.Join(", ", benchmark.Tasks)}); give one entry a task");
    }

    private static BoundOptions Fill(
        string owner, (Type? Type, IReadOnlyList<Option> Options) own, (Type? Type, IReadOnlyList<Option> Options) common, IReadOnlyList<Setting> settings)
    {
        var (ownRecord, ownTexts) = Filled(own, settings);
        var (commonRecord, commonTexts) = Filled(common, settings);
        var changed = ownTexts.Concat(commonTexts).Where(text => text.Option.DefaultText != text.Text).ToList();
        (string Key, string Text)[] shown = [.. changed.Select(text => (text.Option.Key, text.Text))];
        return new BoundOptions(
            ownRecord,
            BoundOptions.LabelOf(owner, shown),
            new SortedDictionary<string, string>(ownTexts.Union(changed).ToDictionary(text => text.Option.Key, text => text.Text), StringComparer.Ordinal))
        {
            Common = commonRecord,
            Shown = shown,
        };
    }

    private static BoundOptions Over(string owner, object given, IReadOnlyList<Option> options, IReadOnlyList<Setting> settings)
    {
        var filled = given.GetType().GetMethod("<Clone>$")!.Invoke(given, null)!; // what `with` calls
        foreach (var (option, value) in settings)
            option.Set(filled, value);
        (string Key, string Text)[] shown = [.. settings.Select(setting => (setting.Option.Key, setting.Option.TextIn(filled)))];
        var texts = options.ToDictionary(option => option.Key, option => option.TextIn(filled));
        return new BoundOptions(filled, BoundOptions.LabelOf(owner, shown), new SortedDictionary<string, string>(texts, StringComparer.Ordinal)) { Shown = shown };
    }

    private static (object? Record, IReadOnlyList<(Option Option, string Text)> Texts) Filled((Type? Type, IReadOnlyList<Option> Options) record, IReadOnlyList<Setting> settings)
    {
        if (record.Type is null)
            return (null, []);
        var filled = Activator.CreateInstance(record.Type)!;
        foreach (var (option, value) in settings.Where(setting => record.Options.Contains(setting.Option)))
            option.Set(filled, value);
        return (filled, [.. record.Options.Select(option => (option, option.TextIn(filled)))]);
    }

    private static IReadOnlyList<Option> OptionsOf(Type? record) => record is null ? [] : Option.All(record);

    private sealed record Setting(Option Option, object? Value);
}
