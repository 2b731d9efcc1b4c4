using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KdMtlBench.Host.Options;

/// <summary>A type that one YAML scalar can hold: int, long, double, bool, string or an enum.</summary>
internal sealed class ScalarType(Type type)
{
    private static readonly JsonSerializerOptions _quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static bool Supports(Type type) =>
        type == typeof(int) || type == typeof(long) || type == typeof(double) || type == typeof(bool) || type == typeof(string) || type.IsEnum;

    /// <summary>The enum's values in kebab-case, <c>true</c> and <c>false</c>, or none where the values cannot be listed.</summary>
    public IReadOnlyList<string> Choices { get; } =
        type.IsEnum ? [.. Enum.GetNames(type).Select(Wording.Kebab)] : type == typeof(bool) ? ["true", "false"] : [];

    /// <summary>For tables: <c>number</c>, <c>paper | mtan</c>.</summary>
    public string Name =>
        Choices.Count > 0 ? string.Join(" | ", Choices) : type == typeof(string) ? "text" : type == typeof(double) ? "number" : "integer";

    /// <summary>For messages: <c>a number</c>, <c>paper or mtan</c>.</summary>
    public string Expected =>
        Choices.Count > 0 ? string.Join(" or ", Choices) : type == typeof(string) ? "text" : type == typeof(double) ? "a number" : "an integer";

    /// <summary>The value, or null where the text is none of this type. Numbers are finite.</summary>
    public object? Parse(string text)
    {
        if (type == typeof(string))
            return text;
        if (type == typeof(bool))
            return text switch { "true" => true, "false" => false, _ => null };
        if (type == typeof(int))
            return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) ? integer : null;
        if (type == typeof(long))
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var wide) ? wide : null;
        if (type == typeof(double))
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
        return Enum.GetNames(type).FirstOrDefault(name => Wording.Kebab(name) == text) is { } match ? Enum.Parse(type, match) : null;
    }

    /// <summary>Invariant text, the shortest that reads back to the same value. Two values never share a text: a string
    /// that is not a plain word is quoted as in JSON.</summary>
    public static string Text(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        Enum choice => Wording.Kebab(choice.ToString()),
        string text => text != "null" && IsPlainWord(text) ? text : JsonSerializer.Serialize(text, _quoted),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static bool IsPlainWord(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "._/+-".Contains(c));
}
