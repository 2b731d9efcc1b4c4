namespace KdMtlBench.Contracts;

/// <summary>Marks a list option that holds one entry a task; a list of another length is refused before anything starts.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PerTaskAttribute : Attribute;
