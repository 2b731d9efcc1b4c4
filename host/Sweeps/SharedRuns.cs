using System.Collections.Concurrent;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Storage.Sharing;

namespace KdMtlBench.Host.Sweeps;

/// <summary>The runs of an output folder as one process that shares them sees them.</summary>
internal sealed class SharedRuns : ISharedRuns
{
    private readonly ConcurrentDictionary<string, Claim> _mine = new(StringComparer.Ordinal);
    private readonly ClaimFolder _claims;
    private readonly RunStore _store;
    private readonly Share _share;

    public SharedRuns(ClaimFolder claims, RunStore store, Share share)
    {
        (_claims, _store, _share) = (claims, store, share);
        foreach (var claim in share.Given.Select(claims.Latest).OfType<Claim>().Where(claim => claim.Holder == share.Holder.Token))
            _mine[claim.Run] = claim;
    }

    /// <summary>Data take time to load: a short wait is cheaper than to begin again, a long one holds a device for nothing.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(30);

    public bool TryTake(string run)
    {
        if (!_mine.ContainsKey(run) && _claims.TryTake(run, generation: 1, _share.Holder) is { } claim)
            _mine[run] = claim;
        return _mine.ContainsKey(run) && !IsOver(run);
    }

    public IReadOnlySet<string> Taken() => _claims.Taken().Except(_mine.Keys).ToHashSet(StringComparer.Ordinal);

    public bool IsOver(string run) => _store.IsOver(run);

    /// <exception cref="StorageException">The output folder has gone.</exception>
    public bool IsMine(string run)
    {
        if (_mine.TryGetValue(run, out var claim) && _claims.Stands(claim))
            return true;
        return _claims.Exists || IsOver(run) ? false : throw _claims.Gone();
    }
}
