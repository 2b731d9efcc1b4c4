namespace KdMtlBench.Contracts;

/// <summary>Bad input: the message says what is wrong, where, and what to do. Exit code 2; nothing has been started.</summary>
public sealed class InputException(string message) : Exception(message);
