namespace RingKeeper;

/// <summary>Finds the layout that options name.</summary>
internal static class CopyFormats
{
    public static ICopyFormat Create(VersionedCacheOptions options, Nonces nonces) => options.Format switch
    {
        CacheFormat.Own => new OwnFormat(options, nonces),
        CacheFormat.GoreLib => new GoreLibFormat(options),
        _ => throw new RingKeeperException($"Format is {options.Format}, which this version does not know. Set it to {nameof(CacheFormat.Own)} or {nameof(CacheFormat.GoreLib)}."),
    };
}
