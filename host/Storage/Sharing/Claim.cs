namespace KdMtlBench.Host.Storage.Sharing;

/// <summary>Whose a run is: a file that only one process can create.</summary>
/// <param name="Run">Its id.</param>
/// <param name="Generation">1, and one more each time the run is taken over from a process that is no more.</param>
/// <param name="Text">The file's: the holder's token and a number that no other claim has.</param>
internal sealed record Claim(string Run, int Generation, string Text)
{
    /// <summary>Empty where the file was never written to its end.</summary>
    public string Holder => Text.EndsWith('\n') && Text.Split(' ') is [{ Length: > 0 } token, _] ? token : "";
}
