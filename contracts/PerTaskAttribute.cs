namespace KdMtlBench.Contracts;

/// <summary>Marks a list option that holds one entry per task; a list of any other length is refused before anything starts.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PerTaskAttribute : Attribute;
