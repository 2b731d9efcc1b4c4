namespace KdMtlBench.Host.Storage.Sharing;

/// <summary>What a process that has a part in a sweep writes again and again.</summary>
/// <param name="Holder">Who it is.</param>
/// <param name="UnderWay">What its workers are at.</param>
public sealed record SignOfLife(Holder Holder, IReadOnlyList<RunAtWork> UnderWay);

/// <summary>A run that is being made.</summary>
/// <param name="Run">Its id.</param>
/// <param name="Device">Where.</param>
/// <param name="Since">When it was begun here.</param>
/// <param name="Epochs">That it has behind it, with a fraction for the steps of the one under way.</param>
/// <param name="OfEpochs">In all.</param>
public sealed record RunAtWork(string Run, string Device, DateTimeOffset Since, double Epochs, int OfEpochs);
