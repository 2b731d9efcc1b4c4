using System.Globalization;
using KdMtlBench.Host.Components;
using KdMtlBench.Host.Options;
using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps.Checks;

namespace KdMtlBench.Host.Sweeps.Reading;

/// <summary>Reads a sweep file, checks all of it and expands it to runs.</summary>
public sealed class SweepReader(Catalog strategies, Catalog benchmarks, Catalog models)
{
    private const int MaxSeeds = 1000;
    private const int MaxRuns = 5_000;
    private const int SeedsForIntervals = 3;
    private static readonly string[] _required = ["benchmark", "model", "training", "seeds", "strategies"];
    internal const string Tune = "tune";
    internal const string SingleTask = "single-task";
    private static readonly string[] _keys =
        ["title", .. _required, SingleTask, DecisionRuleReader.Reference, DecisionRuleReader.Margin, BudgetReader.Key, Tune, "defaults"];

    /// <summary>For every benchmark and model, in the order of the file: a baseline of each task and seed, then each
    /// strategy and seed. A benchmark of nothing but objectives has no baselines.</summary>
    /// <exception cref="InputException">All mistakes of the file, one a line: <c>file:line: sentence</c>.</exception>
    public Sweep Read(string file, SweepOverrides? overrides = null)
    {
        overrides ??= SweepOverrides.None;
        var mistakes = new Mistakes(file, overrides.Given);
        var map = overrides.Apply(Content(file, mistakes), mistakes);
        CheckKeys(map, mistakes);
        var title = Title(map, mistakes);
        var tasksUnknown = new OptionsBinder(mistakes, []);
        var problems = Components(map, "benchmark", benchmarks, tasksUnknown, mistakes).SelectMany(component => TryCreate(component, mistakes)).ToList();
        var networks = Components(map, "model", models, tasksUnknown, mistakes).Select(component => component.Value).ToList();
        var training = map.Find("training") is { } entry ? tasksUnknown.Bind("training", typeof(TrainingOptions), entry.Value, entry.Key.Place) : null;
        var rule = DecisionRuleReader.Read(map, mistakes);
        var seeds = rule.Rounds is { } rounds ? [.. Enumerable.Range(1, rounds.To)] : Seeds(map, mistakes);
        var over = training?.Options as TrainingOptions ?? new TrainingOptions { Epochs = 1, BatchSize = 1 }; // its mistakes have been noted
        if (over.Accumulate > over.BatchSize)
            mistakes.Add(map.Find("training")!.Key.Place, $"a batch of {over.BatchSize} does not make {over.Accumulate} parts: `accumulate` is at most `batch-size`");
        var singleTask = map.Find(SingleTask) is { } alone
            ? tasksUnknown.BindOver(SingleTask, over, alone.Value, alone.Key.Place, expand: false).SingleOrDefault()
            : training;
        var compositions = Compositions(map, problems, over, mistakes);
        var tuned = Tuned(map, problems, seeds, over, mistakes);
        string[] rows = [Leaderboard.SingleTask, .. compositions.Select(list => RunSpec.LabelOf(list.Value)), .. tuned.Strategies.Select(list => list.Tuning.RowLabel)];
        DecisionRuleReader.RequireRow(map, rows, mistakes);
        foreach (var problem in problems)
            SelectionCheck.Note(map, problem.Benchmark.Label, problem.Tasks, training?.Options as TrainingOptions, mistakes);
        CheckSize(map, problems, networks.Count * seeds.Count, compositions.Count, networks.Count, tuned, mistakes);
        if (mistakes.Count > 0)
            throw mistakes.Exception();

        var expansions = problems.SelectMany(problem => networks.Select(model => (Problem: problem, Runs: new RunExpansion(problem, model, training!, singleTask!)))).ToList();
        RunSpec[] runs = [.. RunExpansion.Distinct(expansions.SelectMany(one => Runs(one.Runs, compositions, tuned.SingleTask is null, seeds, Line)))];
        var trials = expansions.SelectMany(one => tuned.Strategies.Select(composition => new TunedStrategy(
            composition.Tuning, [.. composition.Trials.Select(trial => one.Runs.Of(trial, seeds[0], Line(composition.Place)))], seeds))).ToList();
        var singleTrials = tuned.SingleTask is not { } space ? [] : expansions.SelectMany(one => one.Problem.Baselines.Select(task => new TunedStrategy(
            space.Tuning, [.. space.Trials.Select(trial => one.Runs.SingleTask(task, trial, seeds[0]))], seeds))).DistinctBy(strategy => strategy.Trials[0].Sha256).ToList();
        RunExpansion.CheckIds(runs, file);
        RunExpansion.CheckIds(trials.Concat(singleTrials).SelectMany(strategy => strategy.Trials), file);
        return new Sweep(Path.GetFileName(overrides.Output ?? Path.GetDirectoryName(Path.GetFullPath(file))!), overrides.Output ?? SweepFolders.OutputOf(file), title, runs)
        {
            File = Path.GetFullPath(file),
            Tuned = trials,
            TunedSingleTask = singleTrials,
            Rule = rule,
            Text = YamlText.Of(map),
            Warnings = [.. Warnings(map, seeds, mistakes), .. compositions.SelectMany(list => StrategyListRules.Warnings(list.Value).Select(warning => mistakes.Locate(list.Place, warning)))],
        };

        string Line(Place place) => mistakes.Locate(place, "");
    }

    private static IEnumerable<RunSpec> Runs(
        RunExpansion expansion, IReadOnlyList<Placed<IReadOnlyList<Component>>> compositions, bool withBaselines, IReadOnlyList<int> seeds, Func<Place, string> line) =>
        (withBaselines ? expansion.Baselines(seeds) : [])
            .Concat(compositions.SelectMany(composition => seeds.Select(seed => expansion.Of(composition.Value, seed, line(composition.Place)))));

    private static YamlMap Content(string file, Mistakes mistakes)
    {
        var content = YamlReader.Read(Text(file), mistakes);
        if (content is YamlMap map)
            return map;
        if (mistakes.Count == 0)
            mistakes.Add(content?.Place ?? new Place(1, 1), $"a sweep is a mapping with the keys {string.Join(", ", _keys)}; this file holds {content?.Shown ?? "nothing"}");
        throw mistakes.Exception();
    }

    private static string Text(string file)
    {
        if (!File.Exists(file))
            throw new InputException($"{file}: there is no such file; a sweep is a file results/<name>/sweep.yaml.");
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: cannot be read: {e.Message}");
        }
    }

    private static void CheckKeys(YamlMap map, Mistakes mistakes)
    {
        foreach (var (key, _) in map.Entries.Where(entry => !_keys.Contains(entry.Key.Text)))
            mistakes.Add(key.Place, Wording.Unknown($"key {Wording.Quote(key.Text)}", key.Text, _keys));
        foreach (var missing in _required.Where(key => map.Find(key) is null && !(key == "strategies" && map.Find(Tune) is not null)))
            mistakes.Add(map.Place, $"the key `{missing}` is missing");
    }

    internal static string Title(YamlMap map, Mistakes mistakes)
    {
        var value = map.Find("title")?.Value;
        if (value is YamlScalar scalar && !scalar.Text.Any(char.IsControl))
            return scalar.IsNull ? "" : scalar.Text;
        if (value is not null)
            mistakes.Add(value.Place, "`title` is one line of text");
        return "";
    }

    private static IReadOnlyList<Placed<Component>> Components(YamlMap map, string key, Catalog catalog, OptionsBinder binder, Mistakes mistakes) =>
        map.Find(key) is { } entry ? new ComponentReader(catalog, binder, mistakes).List(entry.Value) : [];

    /// <summary>The benchmark with its tasks; nothing where it cannot be made.</summary>
    private static IEnumerable<Problem> TryCreate(Placed<Component> component, Mistakes mistakes)
    {
        try
        {
            return [new Problem(component.Value, component.Value.CreateBenchmark().Tasks)];
        }
        catch (Exception e) // whatever a benchmark's constructor throws at options that it does not like
        {
            mistakes.Add(component.Place, $"the benchmark `{component.Value.Label}` cannot be made: {e.Message}");
            return [];
        }
    }

    /// <summary>The key <c>seeds</c> of a mapping.</summary>
    internal static IReadOnlyList<int> Seeds(YamlMap map, Mistakes mistakes)
    {
        if (map.Find("seeds") is not { } entry)
            return [];
        if (entry.Value is not YamlList { Items.Count: > 0 } list)
            return Integer(entry.Value) is { } count && count is >= 1 and <= MaxSeeds ? [.. Enumerable.Range(1, count)] : Wrong(entry.Value);
        var seeds = new HashSet<int>();
        foreach (var item in list.Items)
        {
            if (Integer(item) is not { } seed)
                Wrong(item);
            else if (!seeds.Add(seed))
                mistakes.Add(item.Place, $"the seed {seed} stands here for the second time");
        }
        return [.. seeds];

        IReadOnlyList<int> Wrong(YamlValue value)
        {
            mistakes.Add(value.Place, $"`seeds` is a count from 1 to {MaxSeeds} or a list of integers from 0, like [1, 2, 3], not {value.Shown}");
            return [];
        }
    }

    private static int? Integer(YamlValue value) =>
        value is YamlScalar scalar && int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private IReadOnlyList<Placed<IReadOnlyList<Component>>> Compositions(YamlMap map, IEnumerable<Problem> problems, TrainingOptions training, Mistakes mistakes) =>
        BudgetReader.Strategies(map, training.Epochs, mistakes) is { } listed ? StrategyReader(problems, training, mistakes).Compositions(listed) : [];

    private TuneSettings Tuned(YamlMap map, IReadOnlyList<Problem> problems, IReadOnlyList<int> seeds, TrainingOptions training, Mistakes mistakes)
    {
        if (map.Find(Tune) is not { } entry || problems.Count == 0)
            return TuneSettings.None;
        foreach (var problem in problems.Where(problem => problem.Baselines.Count == 0))
            mistakes.Add(entry.Key.Place, $"`{problem.Benchmark.Label}` has objectives only, and nothing to select a setting by");
        if (map.Find("seeds")?.Value is YamlMap)
            mistakes.Add(entry.Key.Place, "a sweep that is tuned has a fixed number of seeds");
        var tuned = new TuneReader(strategies, StrategyReader(problems, training, mistakes), training, mistakes).Read(entry, seeds, problems[0].Tasks.Count);
        if (tuned.SingleTask is not null && map.Find(SingleTask) is { } fixedTraining)
            mistakes.Add(fixedTraining.Key.Place, $"`{SingleTask}` stands here and under `{Tune}`; what is tuned is not given");
        return tuned;
    }

    private ComponentReader StrategyReader(IEnumerable<Problem> problems, TrainingOptions training, Mistakes mistakes)
    {
        var tasks = problems.Select(problem => new BenchmarkTasks(problem.Benchmark.Label, [.. problem.Tasks.Select(task => task.Id)]));
        return new ComponentReader(strategies, new OptionsBinder(mistakes, [.. tasks]), mistakes, training);
    }

    private static void CheckSize(
        YamlMap map, IReadOnlyList<Problem> problems, double perStrategy, int strategies, double networks, TuneSettings tuned, Mistakes mistakes)
    {
        var baselines = problems.Sum(problem => problem.Baselines.Count);
        var trials = tuned.Strategies.Sum(composition => composition.Trials.Count * composition.Tuning.Seeds.Count) * problems.Count
            + (tuned.SingleTask is { } alone ? alone.Trials.Count * alone.Tuning.Seeds.Count * baselines : 0);
        var runs = perStrategy * (baselines + problems.Count * (strategies + tuned.Strategies.Count)) + networks * trials;
        if (runs > MaxRuns)
            mistakes.Add(map.Place, $"this sweep has {runs} runs; {MaxRuns} at most go into one sweep");
    }

    private static IReadOnlyList<string> Warnings(YamlMap map, IReadOnlyCollection<int> seeds, Mistakes mistakes) => seeds.Count >= SeedsForIntervals ? [] :
        [mistakes.Locate(map.Find("seeds")!.Key.Place, $"{seeds.Count} {(seeds.Count == 1 ? "seed gives" : "seeds give")} no confidence intervals; take {SeedsForIntervals} or more")];
}
