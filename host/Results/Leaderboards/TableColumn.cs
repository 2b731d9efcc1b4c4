namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>A column's head.</summary>
/// <param name="Task">The task that a metric belongs to; otherwise empty.</param>
/// <param name="Name">With its unit.</param>
/// <param name="HigherIsBetter">Null where there is no better.</param>
public sealed record TableColumn(string Task, string Name, bool? HigherIsBetter = null)
{
    /// <summary><c>miou % ↑</c>.</summary>
    public string NameWithDirection => HigherIsBetter switch { true => Name + " ↑", false => Name + " ↓", null => Name };

    /// <summary><c>segmentation.miou % ↑</c>.</summary>
    public string FullName => Task.Length == 0 ? NameWithDirection : $"{Task}.{NameWithDirection}";
}

/// <summary>A cell.</summary>
/// <param name="Text">Rounded.</param>
/// <param name="IsBest">The best mean among the multi-task rows.</param>
/// <param name="Value">What is rounded, to sort by; null where there is none.</param>
public readonly record struct TableCell(string Text, bool IsBest, double? Value = null);
