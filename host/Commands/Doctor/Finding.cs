namespace KdMtlBench.Host.Commands.Doctor;

/// <summary>How something was found.</summary>
internal enum FindingState
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Runs can be made all the same.</summary>
    Note,

    /// <summary>Without it no run can be made.</summary>
    Missing,
}

/// <summary>One line of <c>kdmtl doctor</c>.</summary>
/// <param name="State">How it was found.</param>
/// <param name="Subject">A word or two.</param>
/// <param name="Text">What was found.</param>
/// <param name="Advice">What to do about it; null where there is nothing to do.</param>
internal sealed record Finding(FindingState State, string Subject, string Text, string? Advice = null)
{
    public static Finding Good(string subject, string text) => new(FindingState.Good, subject, text);

    public static Finding Note(string subject, string text, string? advice = null) => new(FindingState.Note, subject, text, advice);

    public static Finding Missing(string subject, string text, string advice) => new(FindingState.Missing, subject, text, advice);

    /// <summary>As plain text: a line, and one more with the advice.</summary>
    public override string ToString()
    {
        var mark = State switch { FindingState.Good => "ok", FindingState.Note => "note", _ => "MISSING" };
        var line = $"{mark,-8}{Subject,-14}{Text}";
        return Advice is null ? line : $"{line}\n{"",-22}→ {Advice}";
    }
}
