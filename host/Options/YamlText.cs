using System.Text.Encodings.Web;
using System.Text.Json;

namespace KdMtlBench.Host.Options;

/// <summary>Writes a tree that was read, without its comments.</summary>
internal static class YamlText
{
    private static readonly JsonSerializerOptions _quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A line for each key, and for each item of the lists below them.</summary>
    public static string Of(YamlMap map) => string.Concat(map.Entries.Select(entry => entry.Value is YamlList { Items.Count: > 0 } list
        ? $"{Flow(entry.Key)}:\n{string.Concat(list.Items.Select(item => $"  - {Flow(item)}\n"))}"
        : $"{Flow(entry.Key)}: {Flow(entry.Value)}\n"));

    private static string Flow(YamlValue value) => value switch
    {
        YamlScalar { IsNull: true } => "null",
        YamlScalar { Quoted: true } scalar => JsonSerializer.Serialize(scalar.Text, _quoted),
        YamlScalar scalar => scalar.Text.AsSpan().ContainsAny(",[]{}#:") ? JsonSerializer.Serialize(scalar.Text, _quoted) : scalar.Text,
        YamlList list => $"[{string.Join(", ", list.Items.Select(Flow))}]",
        YamlMap map => $"{{{string.Join(", ", map.Entries.Select(entry => $"{Flow(entry.Key)}: {Flow(entry.Value)}"))}}}",
        _ => throw new ArgumentException($"no text for {value.GetType()}", nameof(value)),
    };
}
