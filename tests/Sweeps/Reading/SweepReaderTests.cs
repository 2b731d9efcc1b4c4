using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Sweeps.Reading;

namespace KdMtlBench.Tests.Sweeps.Reading;

public sealed class SweepReaderTests : IDisposable
{
    private const string Valid = """
        title: Scenes, four strategies
        benchmark: scenes
        model:
          segnet: {width: 0.125}
        training: {epochs: 10, batch-size: 8, learning-rate: 0.001}
        seeds: [1, 2, 3]
        strategies:
          - uniform
          - static: {weights: [1, 1, 2]}
          - dwa: {temperature: [1, 2]}
          - [kd-adaptor, pc-grad]
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("sweeps").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_share_of_the_training_samples_makes_a_benchmark_of_its_own()
    {
        var sweep = Read(Valid.Replace("benchmark: scenes", "benchmark: {scenes: {train-share: [1, 0.5]}}"));
        sweep.Runs.Select(run => run.Benchmark.Label).Distinct().ShouldBe(["scenes", "scenes(train-share=0.5)"]);
        Mistakes(Valid.Replace("benchmark: scenes", "benchmark: {scenes: {train-share: 0}}")).ShouldHaveSingleItem().ShouldContain("train-share");
    }

    [Fact]
    public void A_budget_adds_longer_rows_of_uniform_and_static()
    {
        var sweep = Read(Valid + "\nbudget: {backward-passes: 3}");
        var rows = sweep.Runs.Where(run => run.SingleTask is null).DistinctBy(run => run.StrategyLabel).ToDictionary(run => run.StrategyLabel, run => run.Training.Epochs);
        rows["uniform"].ShouldBe(10);
        rows["uniform(training.epochs=30)"].ShouldBe(30);
        rows["static(weights=1|1|2 training.epochs=30)"].ShouldBe(30);
        rows.Count(row => row.Value == 30).ShouldBe(2);
        var written = Read(Valid + "\n  - uniform: {training: {epochs: 30}}");
        sweep.Runs.Where(run => run.Training.Epochs == 30 && run.StrategyLabel.StartsWith("uniform", StringComparison.Ordinal)).Select(run => run.Id)
            .ShouldBe(written.Runs.Where(run => run.Training.Epochs == 30).Select(run => run.Id));
    }

    [Theory]
    [InlineData("budget: {backward-passes: 1}", "`budget` is {backward-passes: N}, N from 2 to 1000")]
    [InlineData("budget: {seconds: 60}", "`budget` is {backward-passes: N}, N from 2 to 1000")]
    [InlineData("budget: 3", "`budget` is {backward-passes: N}, N from 2 to 1000")]
    public void A_budget_that_says_nothing_is_refused(string line, string message) =>
        Mistakes(Valid + "\n" + line).ShouldHaveSingleItem().ShouldContain(message);

    [Fact]
    public void A_budget_needs_a_row_to_train_longer() =>
        Mistakes(Valid.Replace("- uniform", "- uniform: {training: {learning-rate: 0.01}}").Replace("          - static: {weights: [1, 1, 2]}\n", "").Replace("  - static: {weights: [1, 1, 2]}\n", "") + "\nbudget: {backward-passes: 3}")
            .ShouldHaveSingleItem().ShouldContain("a budget needs a row of `uniform` or `static`");

    [Fact]
    public void A_sweep_is_expanded_in_full()
    {
        var sweep = Read("""
            title: Everything at once
            benchmark:
              - scenes: {width: [64, 128]}
              - toy
            model:
              segnet: {width: 0.125}
            training:
              epochs: 10
              batch-size: 8
              schedule: cosine
            seeds: 3
            strategies:
              - uniform
              - dwa: {temperature: [1, 2]}
              - [kd-adaptor: {adaptor: [linear, non-linear], taps: [encoder-5, "a b"]}, pc-grad]
            """);

        sweep.Name.ShouldBe("everything");
        sweep.Folder.ShouldBe(Path.Combine(_root, "everything", "output"));
        sweep.Title.ShouldBe("Everything at once");
        sweep.Warnings.ShouldBeEmpty();
        Text(sweep).ShouldMatchApproved(options => options.WithFileExtension(".verified.txt"));
    }

    [Fact]
    public void Per_task_lists_expand_and_reach_the_strategy()
    {
        var sweep = Read(Valid.Replace("[1, 1, 2]", "[[1, 1, 2], [2, 1, 1]]"));
        var weighted = sweep.Runs.Where(run => run.Seed == 1 && run.Strategies is [{ Entry.Id: "static" }]).ToList();
        weighted.Select(run => run.StrategyLabel).ShouldBe(["static(weights=1|1|2)", "static(weights=2|1|1)"]);
        weighted[1].Strategies[0].Create<Fakes.Static>().Options.Weights.ShouldBe([2, 1, 1]);
    }

    [Fact]
    public void A_strategy_takes_training_options_of_its_own_and_the_others_keep_theirs()
    {
        var sweep = Read(Valid.Replace("dwa: {temperature: [1, 2]}", "dwa: {training: {learning-rate: [0.01, 0.1], schedule: cosine}}"));
        var own = sweep.Runs.Where(run => run.Seed == 1 && run.Strategies is [{ Entry.Id: "dwa" }]).ToList();
        own.Select(run => run.StrategyLabel).ShouldBe(
            ["dwa(training.learning-rate=0.01 training.schedule=cosine)", "dwa(training.learning-rate=0.1 training.schedule=cosine)"]);
        own.Select(run => (run.Training.LearningRate, run.Training.Schedule, run.Training.Epochs)).ShouldBe([(0.01, Schedule.Cosine, 10), (0.1, Schedule.Cosine, 10)]);
        own[0].Settings["training.learning-rate"].ShouldBe("0.01");
        own[0].Settings.Keys.ShouldNotContain("dwa.training");
        own.Select(run => run.SingleTaskRun("depth").Id).Distinct().ShouldBe([sweep.Runs.First(run => run is { SingleTask: "depth", Seed: 1 }).Id]);
        sweep.Runs.Except(own).Where(run => run.Seed == 1 && run.Strategies is not [{ Entry.Id: "dwa" }]).Select(run => run.Id)
            .ShouldBe(Read(Valid).Runs.Where(run => run.Seed == 1 && run.Strategies is not [{ Entry.Id: "dwa" }]).Select(run => run.Id));
    }

    [Fact]
    public void Single_task_runs_take_training_options_of_their_own_and_are_every_ones_teachers()
    {
        const string strategies = "  - kd-adaptor: {training: {learning-rate: 0.5}}\n  - [kd-adaptor, pc-grad]";
        var sweep = Read(Valid.Replace("seeds:", "single-task: {learning-rate: 0.02}\nseeds:").Replace("  - [kd-adaptor, pc-grad]", strategies));
        var alone = sweep.Runs.Where(run => run.SingleTask is not null).ToList();
        alone.ShouldAllBe(run => run.Training.LearningRate == 0.02 && run.Training.Epochs == 10);
        foreach (var run in sweep.Runs.Where(run => run.SingleTask is null))
            foreach (var task in new[] { "segmentation", "depth", "normals" })
                alone.ShouldContain(single => single.Id == run.SingleTaskRun(task).Id);

        // Who learns from them is another run where they are other runs; who does not is the same.
        var usual = Read(Valid.Replace("  - [kd-adaptor, pc-grad]", strategies));
        Changed("kd-adaptor").ShouldBeTrue();
        Changed("uniform").ShouldBeFalse();
        sweep.Runs.First(run => run.Strategies is [{ Entry.Id: "kd-adaptor" }, ..]).Settings["teacher.depth.learning-rate"].ShouldBe("0.02");

        bool Changed(string id) => sweep.Runs.First(run => run.Strategies is [{ } first, ..] && first.Entry.Id == id).Id
            != usual.Runs.First(run => run.Strategies is [{ } first, ..] && first.Entry.Id == id).Id;
    }

    [Theory]
    [InlineData("uniform", "uniform: {training: {lerning-rate: 1}}", "8: unknown option `lerning-rate` of `training`")]
    [InlineData("uniform", "uniform: {trainig: {learning-rate: 1}}", "8: unknown option `trainig` of `uniform`", "did you mean `training`?")]
    [InlineData("[kd-adaptor, pc-grad]", "[kd-adaptor: {training: {epochs: 1}}, pc-grad: {training: {epochs: 2}}]", "11: `training` stands at more than one strategy of this composition")]
    [InlineData("seeds:", "single-task: {learning-rate: [1, 2]}\nseeds:", "6: `learning-rate` of `single-task` is a number, not a list")]
    public void A_mistake_in_training_options_of_one_s_own_is_one_sentence_with_its_line(string right, string wrong, params string[] messages)
    {
        var error = Should.Throw<InputException>(() => Read(Valid.Replace(right, wrong))).Message;
        foreach (var message in messages)
            error.ShouldContain(message);
    }

    [Fact]
    public void Any_benchmark_can_hide_labels_and_runs_without_keep_their_ids()
    {
        var sweep = Read(Valid.Replace("benchmark: scenes", "benchmark: {scenes: {hide-labels: [0, 0.5]}}"));
        var (all, fewer) = (sweep.Runs[0], sweep.Runs.First(run => run.Benchmark.BenchmarkHostOptions.HideLabels > 0));
        all.Id.ShouldBe(Read(Valid).Runs[0].Id);
        fewer.Benchmark.Label.ShouldBe("scenes(hide-labels=0.5)");
        fewer.Settings["benchmark.hide-labels"].ShouldBe("0.5");
        all.Benchmark.CreateBenchmark().ShouldNotBeOfType<FewerLabels>();
        fewer.Benchmark.CreateBenchmark().ShouldBeOfType<FewerLabels>();
        Mistakes(Valid.Replace("benchmark: scenes", "benchmark: {scenes: {hide-labels: 1}}")).ShouldHaveSingleItem().ShouldContain("hide-labels");
    }

    [Fact]
    public void Defaults_hold_what_merge_keys_bring_in_and_what_a_mapping_says_itself_stands()
    {
        var sweep = Read("""
            defaults:
              short: &short {epochs: 3, batch-size: 4, learning-rate: 0.5}
              cosine: &cosine {schedule: cosine, epochs: 7}
            benchmark: scenes
            model: segnet
            training:
              <<: [*short, *cosine]
              batch-size: 16
            seeds: 3
            strategies: [uniform]
            """);
        var training = sweep.Runs[0].Training;
        (training.Epochs, training.BatchSize, training.LearningRate, training.Schedule).ShouldBe((3, 16, 0.5, Schedule.Cosine));
    }

    [Theory]
    [InlineData("training: {<<: 3, epochs: 10, batch-size: 8}", "5: `<<` takes a mapping marked above, as in `<<: *name`, or a list of them, not `3`")]
    [InlineData("training: {\"<<\": 3, epochs: 10, batch-size: 8}", "5: unknown option `<<` of `training`")]
    public void A_merge_key_that_merges_nothing_is_a_mistake(string training, string sentence) =>
        Mistakes(Valid.Replace("training: {epochs: 10, batch-size: 8, learning-rate: 0.001}", training)).Single().ShouldStartWith(sentence);

    [Fact]
    public void Baselines_come_first_and_only_where_tasks_can_be_learnt_alone()
    {
        Read(Valid).Runs.TakeWhile(run => run.SingleTask is not null).Select(run => (run.SingleTask, run.Seed)).ShouldBe([
            ("segmentation", 1), ("segmentation", 2), ("segmentation", 3), ("depth", 1), ("depth", 2), ("depth", 3),
            ("normals", 1), ("normals", 2), ("normals", 3)]);
        Read(Valid.Replace("scenes", "toy").Replace("[1, 1, 2]", "[1, 2]")).Runs.ShouldAllBe(run => run.SingleTask == null);
    }

    [Fact]
    public void Every_benchmark_meets_every_model() =>
        Read(Valid.Replace("benchmark: scenes", "benchmark: [scenes, scenes: {width: 64}]").Replace("segnet: {width: 0.125}", "[point, segnet]"))
            .Runs.Select(run => $"{run.Benchmark.Label} {run.Model.Label}").Distinct()
            .ShouldBe(["scenes point", "scenes segnet", "scenes(width=64) point", "scenes(width=64) segnet"]);

    [Fact]
    public void Ids_are_unique_folder_names_that_do_not_change_from_reading_to_reading()
    {
        var ids = Read(Valid).Runs.Select(run => run.Id).ToList();
        ids.ShouldBeUnique();
        ids.ShouldAllBe(id => id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || ".-+".Contains(c)));
        ids.ShouldContain(id => id.StartsWith("scenes.segnet.kd-adaptor+pc-grad.s2."));
        Read("# a comment\n" + Valid).Runs.Select(run => run.Id).ShouldBe(ids);
    }

    [Fact]
    public void Runs_that_would_share_a_folder_are_refused()
    {
        var runs = Read(Valid).Runs;
        Should.NotThrow(() => RunExpansion.CheckIds(runs, "sweep.yaml"));
        Should.Throw<InputException>(() => RunExpansion.CheckIds([.. runs, runs[0]], "sweep.yaml")).Message.ShouldContain("2 runs of this sweep have the same id");
        Should.Throw<InputException>(() => RunExpansion.CheckIds([runs[0] with { SingleTask = "../depth" }], "sweep.yaml")).Message.ShouldContain("cannot be a folder's name");
    }

    [Fact]
    public void Few_seeds_are_worth_a_warning()
    {
        Read(Valid.Replace("[1, 2, 3]", "2")).Warnings.ShouldHaveSingleItem().ShouldEndWith("sweep.yaml:6: 2 seeds give no confidence intervals; take 3 or more");
        Read(Valid.Replace("[1, 2, 3]", "[7]")).Warnings.ShouldHaveSingleItem().ShouldEndWith("sweep.yaml:6: 1 seed gives no confidence intervals; take 3 or more");
        Read(Valid).Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void Anchors_can_be_used() =>
        Read(Valid.Replace("[1, 1, 2]", "&w [1, 1, 2]").Replace("temperature: [1, 2]", "temperature: *w").Replace("[1, 1, 2]", "[1, 2, 3]"))
            .Runs.Select(run => run.StrategyLabel).Distinct().ShouldBe([
                "single-task", "uniform", "static(weights=1|2|3)", "dwa(temperature=1)", "dwa", "dwa(temperature=3)", "kd-adaptor + pc-grad"]);

    [Theory]
    [InlineData("title: Scenes, four strategies", "titel: Scenes", "1: unknown key `titel` (known: title, benchmark, model, training, seeds, strategies, single-task, reference, margin, budget, tune, defaults); did you mean `title`?")]
    [InlineData("title: Scenes, four strategies", "title: [a]", "1: `title` is one line of text")]
    [InlineData("benchmark: scenes", "", "1: the key `benchmark` is missing")]
    [InlineData("benchmark: scenes", "benchmark: scene", "2: unknown benchmark `scene` (known: digits, scenes, toy); did you mean `scenes`?")]
    [InlineData("benchmark: scenes", "benchmark: []", "2: an empty list; name at least one benchmark")]
    [InlineData("benchmark: scenes", "benchmark:", "2: a benchmark is an id, with options as in {id: {option: value}}, not nothing")]
    [InlineData("benchmark: scenes", "benchmark: {scenes: {width: 8}}", "2: `width` of `scenes` is at least 16 and at most 512, not `8`")]
    [InlineData("benchmark: scenes", "benchmark: {scenes: {width: 24}}", "2: the benchmark `scenes(width=24)` cannot be made: a width of 24 is no multiple of 16")]
    [InlineData("benchmark: scenes", "benchmark: [scenes, scenes: {width: 128}]", "2: `scenes` stands here again with the same settings; the first is in line 2")]
    [InlineData("benchmark: scenes", "benchmark: [scenes, digits]", "9: `weights` of `static` has 3 entries, but `digits` has 2 tasks (left, right); give one entry a task")]
    [InlineData("segnet: {width", "segnet: {widht", "4: unknown option `widht` of `segnet` (known: width); did you mean `width`?")]
    [InlineData("segnet: ", "segnit: ", "4: unknown model `segnit` (known: point, segnet); did you mean `segnet`?")]
    [InlineData("epochs: 10, ", "", "5: `epochs` of `training` is missing (integer)")]
    [InlineData("epochs: 10, ", "epochs: [10, 20], ", "5: `epochs` of `training` is an integer, not a list")]
    [InlineData("epochs: 10, ", "epochs: 10, epochs: 11, ", "5: the key `epochs` stands here for the second time; the first is in line 5")]
    [InlineData("epochs: 10, ", "epochs: 0, ", "5: `epochs` of `training` is at least 1 and at most 100000, not `0`")]
    [InlineData("epochs: 10, ", "epochs: 10, optimizer: adamw, ", "5: `optimizer` of `training` is adam or adam-w or sgd, not `adamw`; did you mean `adam-w`?")]
    [InlineData("{epochs: 10, batch-size: 8, learning-rate: 0.001}", "fast", "5: the options of `training` are a mapping like {epochs: value}, not `fast`")]
    [InlineData("[1, 2, 3]", "[1, 2, 1]", "6: the seed 1 stands here for the second time")]
    [InlineData("[1, 2, 3]", "[1, -2]", "6: `seeds` is a count from 1 to 1000 or a list of integers from 0, like [1, 2, 3], not `-2`")]
    [InlineData("[1, 2, 3]", "[]", "6: `seeds` is a count from 1 to 1000 or a list of integers from 0, like [1, 2, 3], not an empty list")]
    [InlineData("[1, 2, 3]", "0", "6: `seeds` is a count from 1 to 1000 or a list of integers from 0, like [1, 2, 3], not `0`")]
    [InlineData("[1, 2, 3]", "three", "6: `seeds` is a count from 1 to 1000 or a list of integers from 0, like [1, 2, 3], not `three`")]
    [InlineData("[1, 2, 3]", "1000\n# a comment", "1: this sweep has 8000 runs; 5000 at most go into one sweep")]
    [InlineData("- uniform", "- unifrom", "8: unknown strategy `unifrom` (known: dwa, kd-adaptor, pc-grad, static, uniform); did you mean `uniform`?")]
    [InlineData("- uniform", "- uniform: {a: 1}", "8: unknown option `a` of `uniform` (known: clip-norm, clip, times-tasks, weighted-heads, follow-schedule, training)")]
    [InlineData("- uniform", "- dwa: {temprature: 1}", "8: unknown option `temprature` of `dwa` (known: temperature, clip-norm, clip, times-tasks, weighted-heads, follow-schedule, training); did you mean `temperature`?")]
    [InlineData("- uniform", "- dwa: {temperature: warm}", "8: `temperature` of `dwa` is a number, not `warm`")]
    [InlineData("- uniform", "- dwa:\n    temperature: 5", "8: `dwa` and `temperature` stand side by side; a strategy is one id, its options indented below it")]
    [InlineData("- uniform", "- static", "8: `weights` of `static` is missing (list (number), one a task)")]
    [InlineData("- uniform", "- dwa: {temperature: []}", "8: `temperature` of `dwa` is a number, not an empty list")]
    [InlineData("- uniform", "- []", "8: an empty composition; name at least one strategy")]
    [InlineData("- uniform", "- [dwa, [uniform]]", "8: a strategy is an id, with options as in {id: {option: value}}, not a list")]
    [InlineData("- uniform", "- [dwa, uniform, dwa: {temperature: 1}]", "8: `dwa` stands more than once in one composition; each strategy may stand once")]
    [InlineData("- uniform", "- dwa", "10: `dwa` stands here again with the same settings; the first is in line 8")]
    [InlineData("temperature: [1, 2]", "temperature: [1, 1.0]", "10: `dwa(temperature=1)` stands here again with the same settings; the first is in line 10")]
    [InlineData("[1, 1, 2]", "[1, 1]", "9: `weights` of `static` has 2 entries, but `scenes` has 3 tasks (segmentation, depth, normals); give one entry a task")]
    [InlineData("[1, 1, 2]", "[1, 1, -2]", "9: an entry of `weights` of `static` is at least 0 and at most 1000000, not `-2`")]
    [InlineData("- uniform", "- !fast uniform", "8: the tag `!fast` has no meaning here; leave it out")]
    [InlineData("- uniform", "- *it", "8: not valid YAML: nothing above is marked &it")]
    public void A_mistake_is_one_sentence_with_its_line(string right, string wrong, string message)
    {
        Valid.ShouldContain(right);
        Mistakes(Valid.Replace(right, wrong)).ShouldBe([message]);
    }

    [Fact]
    public void An_empty_list_of_strategies_is_refused() =>
        Mistakes(Valid[..Valid.IndexOf("strategies:")] + "strategies: []").ShouldBe(["7: `strategies` is a list with at least one strategy, not an empty list"]);

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("---\n")]
    public void An_empty_file_is_refused(string yaml) =>
        Mistakes(yaml).ShouldHaveSingleItem().ShouldContain("a sweep is a mapping with the keys title, benchmark, model, training, seeds, strategies, single-task, reference, margin, budget, tune, defaults; this file holds nothing");

    [Fact]
    public void A_missing_file_is_refused() =>
        Should.Throw<InputException>(() => Reader().Read(Path.Combine(_root, "no", "sweep.yaml"))).Message.ShouldEndWith("sweep.yaml: there is no such file; a sweep is a file results/<name>/sweep.yaml.");

    [Fact]
    public void Broken_yaml_is_refused_with_its_line() => Mistakes(Valid.Replace("[1, 2, 3]", "[1, 2, 3")).ShouldBe(["6: not valid YAML: a bracket here or above is not closed"]);

    [Fact]
    public void A_key_that_is_no_word_is_refused() => Mistakes(Valid + "\n[a, b]: c").ShouldBe(["12: a key is a single word, not a list or a mapping"]);

    [Fact]
    public void Endless_nesting_is_refused() => Mistakes(new string('[', 100_000)).ShouldBe(["1: not valid YAML: nested more than 16 deep"]);

    [Fact]
    public void A_tab_is_named_besides_what_it_breaks() =>
        Mistakes(Valid.Replace("  - dwa", "\t- dwa")).ShouldContain("10: a tab in the indentation; YAML takes spaces only");

    [Fact]
    public void A_second_document_is_refused() => Mistakes(Valid + "\n---\ntitle: more").ShouldBe(["12: a second document starts here; one file holds one"]);

    [Fact]
    public void All_mistakes_of_a_file_are_said_at_once()
    {
        var mistakes = Mistakes("""
            titel: Many mistakes
            benchmark:
              - scenes: {width: 24}
              - digitz
            model: segnet
            model: segnet
            training:
              epochs: ten
              batchsize: 8
              optimizer: sdg
            seeds: [1, 1, x]
            strategies:
              - dwa: {temprature: 1, temperature: 0}
              - static: {weights: [1, one]}
              - [kd-adaptor, kd-adaptor]
              - uniform
              - uniform
              - 17
            """);
        string.Join('\n', mistakes).ShouldMatchApproved(options => options.WithFileExtension(".verified.txt"));
    }

    /// <summary>An unbalanced bracket, a lost colon, a stray anchor: whatever a slip of the finger leaves.</summary>
    [Theory]
    [InlineData(1, 2000)]
    [InlineData(2, 500)]
    [InlineData(3, 500)]
    public void Any_slip_gives_a_sweep_or_a_message_but_no_other_exception(int slips, int count)
    {
        const string characters = "abz019 .,:;-[]{}#&*!|>'\"%@`?~\\/\t\n\r\0é\u0085\u2028\uFEFF";
        var random = new Random(slips);
        var (read, refused) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            var text = Valid;
            for (var slip = 0; slip < slips; slip++)
            {
                var at = random.Next(text.Length);
                var character = characters[random.Next(characters.Length)].ToString();
                text = random.Next(3) switch
                {
                    0 => text.Remove(at, 1),
                    1 => text.Insert(at, character),
                    _ => text.Remove(at, 1).Insert(at, character),
                };
            }
            try
            {
                Read(text).Runs.Count.ShouldBePositive();
                read++;
            }
            catch (InputException e)
            {
                e.Message.Split('\n').All(line => line.StartsWith(_root)).ShouldBeTrue(e.Message);
                refused++;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"after {i} others:\n{text}", e);
            }
        }
        if (slips == 1)
            read.ShouldBeGreaterThan(50);
        refused.ShouldBePositive();
    }

    private static SweepReader Reader() => new(Fakes.Strategies, Fakes.Benchmarks, Fakes.Models);

    private Sweep Read(string yaml)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_root, "everything")).FullName, "sweep.yaml");
        File.WriteAllText(file, yaml);
        return Reader().Read(file);
    }

    /// <summary>The lines of the message, without the file's name.</summary>
    private IReadOnlyList<string> Mistakes(string yaml)
    {
        var lines = Should.Throw<InputException>(() => Read(yaml)).Message.Split('\n');
        var file = Path.Combine(_root, "everything", "sweep.yaml:");
        lines.ShouldAllBe(line => line.StartsWith(file));
        return [.. lines.Select(line => line[file.Length..])];
    }

    /// <summary>Each run's id without its hash; for the first seed of each, its labels and settings but the training's, which stand at the end.</summary>
    private static string Text(Sweep sweep) => string.Join('\n', sweep.Runs.SelectMany(Lines).Concat(
        sweep.Runs[0].TrainingSettings.Select(setting => $"training.{setting.Key} = {setting.Value}")));

    private static IEnumerable<string> Lines(RunSpec run) =>
        run.Seed > 1 ? [WithoutHash(run.Id)] : [WithoutHash(run.Id), $"  {run.Benchmark.Label}, {run.Model.Label}, {run.StrategyLabel}",
            .. run.Settings.Where(setting => !setting.Key.StartsWith("training.")).Select(setting => $"    {setting.Key} = {setting.Value}")];

    private static string WithoutHash(string id) => id[..id.LastIndexOf('.')];
}
