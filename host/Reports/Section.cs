namespace KdMtlBench.Host.Reports;

/// <summary>Pictures that belong together.</summary>
/// <param name="Title">A heading.</param>
/// <param name="Figures">May be none.</param>
/// <param name="Note">What a reader must know; may be empty.</param>
/// <param name="Html">What is no drawing.</param>
internal sealed record Section(string Title, IReadOnlyList<Figure> Figures, string Note = "", string Html = "");
