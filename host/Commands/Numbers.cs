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

    /// <summary><c>24GiB</c>, <c>500MiB</c>, also <c>24G</c>: 1 KiB is 1024.</summary>
    /// <exception cref="InputException">It is no size.</exception>
    public static long Bytes(string text, string option)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        var unit = text[digits..] is { Length: 1 or 3 } given && (given.Length == 1 || given.EndsWith("iB", StringComparison.Ordinal)) ? "KMGT".IndexOf(given[0]) : -1;
        return unit >= 0 && int.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? (long)number << (10 * (unit + 1))
            : throw new InputException($"{option} is `{text}`; give a size as 24GiB or 500MiB");
    }

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
