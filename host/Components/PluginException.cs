namespace KdMtlBench.Host.Components;

/// <summary>A plugin folder cannot be used; the message says why and what to do.</summary>
public sealed class PluginException(string message, Exception? inner = null) : Exception(message, inner);
