using System.Globalization;

namespace KdMtlBench.Host.Commands;

/// <summary>Numbers on the command line; what is none is said in one sentence.</summary>
internal static class Numbers
{
    /// <exception cref="InputException">It is no integer, or less than 1.</exception>
    public static int AtLeastOne(string text, string option, string wanted) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1
            ? number
            : throw new InputException($"{option} is `{text}`; give {wanted}");

    /// <summary>Integers from 0, separated by commas.</summary>
    /// <exception cref="InputException">One of them is none.</exception>
    public static IReadOnlyList<int> Seeds(string? text) => [.. Words(text).Select(word =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : throw new InputException($"--seeds holds `{word}`; give seeds as 1,2"))];

    /// <summary>Separated by commas.</summary>
    public static IReadOnlyList<string> Words(string? text) =>
        text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}
