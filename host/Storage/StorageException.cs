namespace KdMtlBench.Host.Storage;

/// <summary>Results cannot be written: the disk is full, or not ours to write to. The message names the file; every run
/// would meet the same, so that the sweep stops.</summary>
public sealed class StorageException(string message, Exception? inner = null) : IOException(message, inner);
