using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using CsCheck;
using KdMtlBench.Host.Options;

namespace KdMtlBench.Tests.Options;

public sealed class OptionsBinderTests
{
    private readonly Mistakes _mistakes = new("sweep.yaml");

    [Fact]
    public void Every_type_is_bound()
    {
        var bound = Bind("""
            count: -3
            big-count: 9000000000
            rate: 1e-3
            frozen: true
            name: left of it
            mode: pc-grad
            maybe: 0.5
            layers: [1, 2]
            factors: [0.5, 1]
            taps: [encoder-5, "a|b"]
            """)!;

        var options = bound.Options.ShouldBeOfType<AllTypes>();
        options.Count.ShouldBe(-3);
        options.BigCount.ShouldBe(9_000_000_000);
        options.Rate.ShouldBe(0.001);
        options.Frozen.ShouldBeTrue();
        options.Name.ShouldBe("left of it");
        options.Mode.ShouldBe(Mode.PcGrad);
        options.Maybe.ShouldBe(0.5);
        options.Layers.ShouldBe([1, 2]);
        options.Factors.ShouldBe([0.5, 1]);
        options.Taps.ShouldBe(["encoder-5", "a|b"]);
        bound.Label.ShouldBe("""x(count=-3 big-count=9000000000 rate=0.001 frozen=true name="left of it" mode=pc-grad maybe=0.5 layers=1|2 factors=0.5|1 taps=encoder-5|"a|b")""");
        bound.Settings["taps"].ShouldBe("encoder-5|\"a|b\"");
        _mistakes.Lines.ShouldBeEmpty();
    }

    [Fact]
    public void Settings_hold_every_option_sorted_by_key_and_the_label_what_differs()
    {
        var bound = Bind("rate: 2")!;

        bound.Label.ShouldBe("x(rate=2)");
        bound.Settings.Select(setting => $"{setting.Key}={setting.Value}").ShouldBe([
            "big-count=0", "count=1", "factors=1|1|2", "frozen=false", "layers=[]", "maybe=null", "mode=plain", "name=none", "rate=2", "taps=a"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("rate: 0.5")]
    [InlineData("{factors: [1, 1, 2.0], mode: plain}")]
    public void A_value_equal_to_its_default_is_not_in_the_label(string yaml) => Bind(yaml)!.Label.ShouldBe("x");

    [Fact]
    public void A_required_option_is_always_in_the_label() =>
        Bind("weights: [1, 2]", typeof(WithRequired))!.Label.ShouldBe("x(weights=1|2)");

    [Fact]
    public void Only_what_may_be_null_takes_null()
    {
        Bind("maybe: null")!.Settings["maybe"].ShouldBe("null");
        Bind("{maybe: ~, rate: null}").ShouldBeNull();
        _mistakes.Lines.ShouldBe(["sweep.yaml:1: `rate` of `x` is a number, not nothing"]);
    }

    [Theory]
    [InlineData("note: null", null, "null")]
    [InlineData("note: ~", null, "null")]
    [InlineData("note: \"null\"", "null", "\"null\"")]
    [InlineData("note: \"\"", "", "\"\"")]
    public void No_text_and_the_word_null_are_two_things(string yaml, string? value, string text)
    {
        var bound = Bind(yaml, typeof(WithNote))!;
        bound.Options.ShouldBeOfType<WithNote>().Note.ShouldBe(value);
        bound.Settings["note"].ShouldBe(text);
    }

    [Theory]
    [InlineData("rat: 1", "unknown option `rat` of `x` (known: count, big-count, rate, frozen, name, mode, maybe, layers, factors, taps); did you mean `rate`?")]
    [InlineData("zebra: 1", "unknown option `zebra` of `x` (known: count, big-count, rate, frozen, name, mode, maybe, layers, factors, taps)")]
    [InlineData("Rate: 1", "unknown option `Rate` of `x` (known: count, big-count, rate, frozen, name, mode, maybe, layers, factors, taps); did you mean `rate`?")]
    [InlineData("rate: warm", "`rate` of `x` is a number, not `warm`")]
    [InlineData("rate: 1e999", "`rate` of `x` is a number, not `1e999`")]
    [InlineData("rate: NaN", "`rate` of `x` is a number, not `NaN`")]
    [InlineData("rate: 1,5", "`rate` of `x` is a number, not `1,5`")]
    [InlineData("rate: 10.4", "`rate` of `x` is at least 0 and at most 10, not `10.4`")]
    [InlineData("rate: -0.4", "`rate` of `x` is at least 0 and at most 10, not `-0.4`")]
    [InlineData("rate: [1, 2]", "`rate` of `x` is a number, not a list")]
    [InlineData("rate: {a: 1}", "`rate` of `x` is a number, not a mapping with the key `a`")]
    [InlineData("rate:", "`rate` of `x` is a number, not nothing")]
    [InlineData("count: 1.5", "`count` of `x` is an integer, not `1.5`")]
    [InlineData("count: 3000000000", "`count` of `x` is an integer, not `3000000000`")]
    [InlineData("frozen: yes", "`frozen` of `x` is true or false, not `yes`")]
    [InlineData("mode: PcGrad", "`mode` of `x` is plain or pc-grad, not `PcGrad`; did you mean `pc-grad`?")]
    [InlineData("mode: 1", "`mode` of `x` is plain or pc-grad, not `1`")]
    [InlineData("layers: 1", "`layers` of `x` is a list (integer) in square brackets, not `1`")]
    [InlineData("layers: []", "`layers` of `x` is a list (integer) in square brackets, not an empty list")]
    [InlineData("layers: [1, two]", "an entry of `layers` of `x` is an integer, not `two`")]
    [InlineData("layers: [1, [2]]", "an entry of `layers` of `x` is an integer, not a list")]
    [InlineData("factors: [1, 0]", "an entry of `factors` of `x` is more than 0, not `0`")]
    [InlineData("[rate]", "the options of `x` are a mapping like {count: value}, not a list")]
    [InlineData("rate", "the options of `x` are a mapping like {count: value}, not `rate`")]
    public void A_mistake_is_one_sentence_with_its_line(string yaml, string sentence)
    {
        Bind(yaml).ShouldBeNull();
        _mistakes.Lines.ShouldBe(["sweep.yaml:1: " + sentence]);
    }

    [Fact]
    public void All_mistakes_are_noted_in_the_order_of_the_file()
    {
        Bind("""
            rate: warm
            mod: plain
            count: 1
            layers: [x]
            """).ShouldBeNull();
        _mistakes.Lines.Select(line => line.Split(':')[1]).ShouldBe(["1", "2", "4"]);
    }

    [Fact]
    public void A_missing_required_option_is_noted_where_its_owner_stands()
    {
        Bind("", typeof(WithRequired)).ShouldBeNull();
        _mistakes.Lines.ShouldBe(["sweep.yaml:7: `weights` of `x` is missing (list (number), one a task)"]);
    }

    [Fact]
    public void A_per_task_list_of_another_length_is_noted_for_each_benchmark_that_it_does_not_fit()
    {
        var binder = new OptionsBinder(_mistakes, [new("scenes", ["depth", "normals"]), new("digits(n=3)", ["a", "b", "c"])]);
        binder.Bind("x", typeof(WithRequired), YamlReader.Read("weights: [1, 2]", _mistakes), new Place(1, 1)).ShouldBeNull();
        _mistakes.Lines.ShouldBe(["sweep.yaml:1: `weights` of `x` has 2 entries, but `digits(n=3)` has 3 tasks (a, b, c); give one entry a task"]);
    }

    [Fact]
    public void An_owner_without_options_takes_none()
    {
        Bind("", null)!.ShouldSatisfyAllConditions(
            bound => bound.Options.ShouldBeNull(),
            bound => bound.Label.ShouldBe("x"),
            bound => bound.Settings.ShouldBeEmpty());
        Bind("rate: 1", null).ShouldBeNull();
        _mistakes.Lines.ShouldBe(["sweep.yaml:1: unknown option `rate` of `x` (there are none)"]);
    }

    [Fact]
    public void Lists_of_values_make_all_combinations_the_last_varying_fastest() =>
        BindEach("{rate: [1, 2], mode: pc-grad, layers: [[1], [2, 3]], factors: [4]}").Select(bound => bound.Label).ShouldBe([
            "x(rate=1 mode=pc-grad layers=1 factors=4)", "x(rate=1 mode=pc-grad layers=2|3 factors=4)",
            "x(rate=2 mode=pc-grad layers=1 factors=4)", "x(rate=2 mode=pc-grad layers=2|3 factors=4)"]);

    [Fact]
    public void Null_can_be_one_of_the_values_to_try() =>
        BindEach("maybe: [null, 0.1]").Select(bound => bound.Settings["maybe"]).ShouldBe(["null", "0.1"]);

    [Fact]
    public void Too_many_combinations_are_noted_and_not_made()
    {
        var values = string.Join(", ", Enumerable.Range(0, 101));
        BindEach($"{{count: [{values}], big-count: [{values}]}}").ShouldBeEmpty();
        _mistakes.Lines.ShouldBe(["sweep.yaml:7: the options of `x` make more than 1000 combinations; list fewer values"]);
    }

    [Fact]
    public void Descriptions_say_what_a_record_offers() =>
        OptionsBinder.Describe(typeof(AllTypes)).Where(option => option.Name is "rate" or "mode" or "factors" or "maybe").ShouldBe([
            new("rate", "number", "0.5", "how fast", "at least 0 and at most 10"),
            new("mode", "plain | pc-grad", "plain", "", ""),
            new("maybe", "number", "null", "", ""),
            new("factors", "list (number)", "1|1|2", "", "more than 0")]);

    [Fact]
    public void A_required_option_has_no_default() =>
        OptionsBinder.Describe(typeof(WithRequired)).ShouldHaveSingleItem().ShouldBe(new("weights", "list (number), one a task", null, "", ""));

    [Fact]
    public void A_record_that_a_file_cannot_fill_is_refused()
    {
        Should.Throw<InputException>(() => OptionsBinder.Describe(typeof(Unfillable))).Message.ShouldContain("Unfillable.Wait has the type System.TimeSpan");
        Should.Throw<InputException>(() => OptionsBinder.Describe(typeof(Positional))).Message.ShouldContain("needs a public constructor without parameters");
    }

    [Fact]
    public void Random_values_keep_through_the_file_and_back() =>
        Gen.Select(Gen.Int, Gen.Long, Gen.Double[0, 10], Gen.Bool, Gen.String, Gen.Enum<Mode>(), Gen.Double.Array[1, 4].Where(list => list.All(value => value is > 0 and < 1e300)))
            .Sample((count, big, rate, frozen, name, mode, factors) =>
            {
                var mistakes = new Mistakes("sweep.yaml");
                var yaml = string.Create(CultureInfo.InvariantCulture, $"""
                    count: {count}
                    big-count: {big}
                    rate: {rate:R}
                    frozen: {(frozen ? "true" : "false")}
                    name: {Quoted(name)}
                    mode: {(mode == Mode.Plain ? "plain" : "pc-grad")}
                    factors: [{string.Join(", ", factors.Select(factor => factor.ToString("R", CultureInfo.InvariantCulture)))}]
                    taps: [{Quoted(name)}, {Quoted(name)}]
                    """);
                var bound = new OptionsBinder(mistakes, []).Bind("x", typeof(AllTypes), YamlReader.Read(yaml, mistakes), new Place(1, 1));
                mistakes.Lines.ShouldBeEmpty();
                var options = (AllTypes)bound!.Options!;
                (options.Count, options.BigCount, options.Rate, options.Frozen, options.Name, options.Mode).ShouldBe((count, big, rate, frozen, name, mode));
                options.Factors.ShouldBe(factors);
                options.Taps.ShouldBe([name, name]);

                // and the texts read back to the same values
                double.Parse(bound.Settings["rate"], CultureInfo.InvariantCulture).ShouldBe(rate);
                bound.Settings["factors"].Split('|').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ShouldBe(factors);
                (bound.Settings["count"], bound.Settings["big-count"]).ShouldBe(($"{count}", $"{big}"));
                bound.Settings["name"].ShouldNotContain("\n");
            }, iter: 500);

    [Fact]
    public void Different_strings_have_different_texts() =>
        Gen.Select(Gen.String.Array[0, 3], Gen.String.Array[0, 3]).Sample((first, second) =>
            (Label(first) == Label(second)).ShouldBe(first.SequenceEqual(second)), iter: 1000);

    private static string Label(string[] taps)
    {
        var mistakes = new Mistakes("sweep.yaml");
        var yaml = taps.Length == 0 ? "" : $"taps: [{string.Join(", ", taps.Select(Quoted))}]";
        return new OptionsBinder(mistakes, []).Bind("x", typeof(Words), YamlReader.Read(yaml, mistakes), new Place(1, 1))!.Label;
    }

    /// <summary>A YAML double-quoted scalar with every character escaped.</summary>
    private static string Quoted(string text) => $"\"{string.Concat(text.Select(c => $"\\u{(int)c:X4}"))}\"";

    private BoundOptions? Bind(string yaml) => Bind(yaml, typeof(AllTypes));

    private BoundOptions? Bind(string yaml, Type? record) =>
        new OptionsBinder(_mistakes, []).Bind("x", record, YamlReader.Read(yaml, _mistakes), new Place(7, 1));

    private IReadOnlyList<BoundOptions> BindEach(string yaml) =>
        new OptionsBinder(_mistakes, []).BindEach("x", typeof(AllTypes), YamlReader.Read(yaml, _mistakes), new Place(7, 1));

    public enum Mode
    {
        Plain,
        PcGrad,
    }

    public sealed record AllTypes
    {
        public int Count { get; init; } = 1;

        public long BigCount { get; init; }

        [Description("how fast"), Range(0, 10)]
        public double Rate { get; init; } = 0.5;

        public bool Frozen { get; init; }

        public string Name { get; init; } = "none";

        public Mode Mode { get; init; }

        public double? Maybe { get; init; }

        public IReadOnlyList<int> Layers { get; init; } = [];

        [Range(0, double.PositiveInfinity, MinimumIsExclusive = true)]
        public IReadOnlyList<double> Factors { get; init; } = [1, 1, 2];

        public IReadOnlyList<string> Taps { get; init; } = ["a"];

        public int Derived => Count + 1;
    }

    public sealed record Words
    {
        public IReadOnlyList<string> Taps { get; init; } = [];
    }

    public sealed record WithNote
    {
        public string? Note { get; init; } = "a";
    }

    public sealed record WithRequired
    {
        [PerTask]
        public required IReadOnlyList<double> Weights { get; init; }
    }

    public sealed record Unfillable
    {
        public TimeSpan Wait { get; init; }
    }

    public sealed record Positional(int Count);
}
