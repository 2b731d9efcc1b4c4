using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace KdMtlBench.Host.Options;

/// <summary>What <c>kdmtl list</c> says about an option.</summary>
/// <param name="Name">The key in a sweep.</param>
/// <param name="Type"><c>number</c>, <c>paper | mtan</c>, <c>list (number), one a task</c>.</param>
/// <param name="Default">Null where the option must be given.</param>
/// <param name="Description">From the record; may be empty.</param>
/// <param name="Allowed">The range, or empty.</param>
public sealed record OptionDescription(string Name, string Type, string? Default, string Description, string Allowed);

/// <summary>One property of an options record, which may come from a plugin's assembly.</summary>
internal sealed class Option
{
    private readonly PropertyInfo _property;
    private readonly ScalarType _scalar;
    private readonly Type _element;
    private readonly bool _nullable;
    private readonly RangeAttribute? _range;

    private Option(PropertyInfo property, object defaults)
    {
        _property = property;
        _nullable = new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
        _range = property.GetCustomAttribute<RangeAttribute>();
        var type = property.PropertyType;
        IsList = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>);
        _element = IsList ? type.GetGenericArguments()[0] : Nullable.GetUnderlyingType(type) ?? type;
        if (!ScalarType.Supports(_element))
            throw new InputException($"{property.DeclaringType}.{property.Name} has the type {type}; an option is an int, long, double, bool, string or enum, one of these that may be null, or an IReadOnlyList of them.");
        _scalar = new ScalarType(_element);
        Key = Wording.Kebab(property.Name);
        // By name: ScottPlot has a public type of the same name.
        Required = property.CustomAttributes.Any(attribute => attribute.AttributeType.FullName == "System.Runtime.CompilerServices.RequiredMemberAttribute");
        PerTask = property.IsDefined(typeof(PerTaskAttribute));
        DefaultText = Required ? null : Text(property.GetValue(defaults));
    }

    /// <summary>kebab-case.</summary>
    public string Key { get; }

    public bool IsList { get; }

    public bool Required { get; }

    /// <summary>A list with one entry a task.</summary>
    public bool PerTask { get; }

    /// <summary>Null for a required option.</summary>
    public string? DefaultText { get; }

    public OptionDescription Description => new(
        Key,
        TypeText,
        DefaultText,
        _property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "",
        _range is null ? "" : RangeText(_range));

    private string TypeText => !IsList ? _scalar.Name : PerTask ? $"list ({_scalar.Name}), one a task" : $"list ({_scalar.Name})";

    /// <summary>The options of a record, in its order.</summary>
    /// <exception cref="InputException">The record cannot be filled from a file: the message says why.</exception>
    public static IReadOnlyList<Option> All(Type record)
    {
        if (record.GetConstructor(Type.EmptyTypes) is null)
            throw new InputException($"The options record {record} needs a public constructor without parameters.");
        var defaults = Activator.CreateInstance(record)!;
        return [.. record.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod?.IsPublic == true && property.GetIndexParameters().Length == 0)
            .Select(property => new Option(property, defaults))];
    }

    /// <summary><c>`temperature` of `dwa`</c>.</summary>
    public string Of(string owner) => $"`{Key}` of `{owner}`";

    public void Set(object record, object? value) => _property.SetValue(record, value);

    /// <summary>The record's value as text; a list as <c>1|1|2</c>.</summary>
    public string TextIn(object record) => Text(_property.GetValue(record));

    /// <summary>The values to try, one after the other, where the file lists several; else the one that stands there.</summary>
    public IReadOnlyList<YamlValue> Alternatives(YamlValue value) =>
        value is YamlList { Items.Count: > 0 } list && (!IsList || list.Items.All(item => item is YamlList)) ? list.Items : [value];

    /// <summary>The value that stands in the file; nothing where it is wrong, which has then been noted.</summary>
    public IReadOnlyList<object?> Read(YamlValue value, string owner, Mistakes mistakes)
    {
        if (_nullable && value is YamlScalar { IsNull: true })
            return [null];
        if (!IsList)
            return ReadScalar(value, owner, mistakes);
        if (value is not YamlList { Items.Count: > 0 } list)
        {
            mistakes.Add(value.Place, $"{Of(owner)} is a {TypeText} in square brackets, not {value.Shown}");
            return [];
        }
        var items = list.Items.SelectMany(item => ReadScalar(item, owner, mistakes)).ToArray();
        var array = Array.CreateInstance(_element, items.Length);
        Array.Copy(items, array, items.Length);
        return items.Length == list.Items.Count ? [array] : [];
    }

    private object?[] ReadScalar(YamlValue value, string owner, Mistakes mistakes)
    {
        var subject = IsList ? "an entry of " + Of(owner) : Of(owner);
        var parsed = value is YamlScalar { IsNull: false } scalar ? _scalar.Parse(scalar.Text) : null;
        if (parsed is null)
            mistakes.Add(value.Place, $"{subject} is {_scalar.Expected}, not {value.Shown}{Wording.Suggest((value as YamlScalar)?.Text ?? "", _scalar.Choices)}");
        else if (_range is not null && !InRange(Convert.ToDouble(parsed)))
            mistakes.Add(value.Place, $"{subject} is {RangeText(_range)}, not {value.Shown}");
        else
            return [parsed];
        return [];
    }

    // RangeAttribute.IsValid rounds to the type of its bounds: [Range(0, 10)] would let 10.4 pass.
    private bool InRange(double value)
    {
        var (minimum, maximum) = (Convert.ToDouble(_range!.Minimum), Convert.ToDouble(_range.Maximum));
        return (_range.MinimumIsExclusive ? value > minimum : value >= minimum) && (_range.MaximumIsExclusive ? value < maximum : value <= maximum);
    }

    private static string RangeText(RangeAttribute range)
    {
        var lower = IsBound(range.Minimum) ? $"{(range.MinimumIsExclusive ? "more than" : "at least")} {ScalarType.Text(range.Minimum)}" : null;
        var upper = IsBound(range.Maximum) ? $"{(range.MaximumIsExclusive ? "less than" : "at most")} {ScalarType.Text(range.Maximum)}" : null;
        return lower is null || upper is null ? lower ?? upper ?? "" : $"{lower} and {upper}";
    }

    private static bool IsBound(object limit) => Math.Abs(Convert.ToDouble(limit)) < double.MaxValue && limit is not int.MaxValue;

    private static string Text(object? value) => value switch
    {
        string => ScalarType.Text(value),
        IEnumerable list => string.Join('|', list.Cast<object?>().Select(ScalarType.Text)) is { Length: > 0 } text ? text : "[]",
        _ => ScalarType.Text(value),
    };
}
