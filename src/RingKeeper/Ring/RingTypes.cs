namespace RingKeeper;

/// <summary>The types of ring that a cluster's options can name.</summary>
public static class RingTypes
{
    /// <summary>The consistent ring of the Go package: CRC-32 points, see <see cref="ConsistentRing"/>. It takes no hash tag and no weights.</summary>
    public const string Consistent = "Consistent";

    /// <summary>The consistent ring with a hash tag; Go clients do not know it.</summary>
    public const string ConsistentTagged = "ConsistentTagged";

    /// <summary>The ketama ring of twemproxy: keys lie where nutcracker puts them. Takes weights, a hash tag and a key hash.</summary>
    public const string Ketama = "Ketama";

    /// <summary>Highest random weight: the keys of a dead shard spread over all others. Takes weights and a hash tag; RingParams mean nothing to it.</summary>
    public const string Rendezvous = "Rendezvous";

    private static readonly (string Name, Func<Settings, IRingBuilder> Create)[] Known =
    [
        (Consistent, static settings => NewConsistent(settings.RefuseTag().RefuseKeyHash())),
        (ConsistentTagged, static settings => NewConsistent(settings.RequireTag().RefuseKeyHash())),
        (Ketama, static settings => new KetamaRingBuilder(settings.RingParams, KeyHashes.Of(settings.KeyHash))),
        (Rendezvous, static settings => NewRendezvous(settings.RefuseKeyHash())),
    ];

    internal static IEnumerable<string> Names => Known.Select(static type => type.Name);

    /// <summary>Creates the builder of a type of ring without a hash tag and with the type's own key hash.</summary>
    /// <param name="ringType">The type's name, in any case, without surrounding blanks.</param>
    /// <param name="ringParams">The type's parameters; each type says what it reads from them.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="RingKeeperException">The type is unknown to this version, or needs a hash tag, or does not take these parameters.</exception>
    public static IRingBuilder CreateBuilder(string ringType, string ringParams) => CreateBuilder(ringType, ringParams, null, null);

    /// <summary>Creates the builder of a type of ring.</summary>
    /// <param name="ringType">The type's name, in any case, without surrounding blanks.</param>
    /// <param name="ringParams">The type's parameters; each type says what it reads from them.</param>
    /// <param name="hashTag">Two characters: what stands between them is hashed instead of the key. Null or empty for none.</param>
    /// <param name="keyHash">For <see cref="Ketama"/> the name of the key hash as twemproxy has it; null or empty for <c>fnv1a_64</c>.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="RingKeeperException">The type is unknown to this version, or does not take these parameters, hash tag or key hash.</exception>
    public static IRingBuilder CreateBuilder(string ringType, string ringParams, string? hashTag, string? keyHash)
    {
        ArgumentNullException.ThrowIfNull(ringType);
        ArgumentNullException.ThrowIfNull(ringParams);
        foreach (var (name, create) in Known)
        {
            if (string.Equals(name, ringType, StringComparison.OrdinalIgnoreCase))
            {
                var tag = HashTag.Parse(hashTag);
                var builder = create(new Settings(name, ringParams, hashTag, keyHash));
                return tag is null ? builder : new TaggedRing.Builder(builder, tag.Value);
            }
        }

        throw new RingKeeperException($"RingType '{ringType}' is not known to this version, which knows: {string.Join(", ", Names)}. Correct the cluster's options or use a version that knows it.");
    }

    private static ConsistentRingBuilder NewConsistent(Settings settings) => new(settings.RingParams);

    private static RendezvousRingBuilder NewRendezvous(Settings _) => new();

    private sealed record Settings(string RingType, string RingParams, string? HashTag, string? KeyHash)
    {
        public Settings RefuseTag() => string.IsNullOrEmpty(HashTag)
            ? this
            : throw new RingKeeperException($"HashTag '{HashTag}' does not go with RingType '{RingType}': a Go client would ignore it and read other shards. Remove it, or use RingType '{ConsistentTagged}', '{Ketama}' or '{Rendezvous}'.");

        public Settings RequireTag() => string.IsNullOrEmpty(HashTag)
            ? throw new RingKeeperException($"RingType '{RingType}' needs a HashTag, two characters such as {{}}. Set it, or use RingType '{RingTypes.Consistent}'.")
            : this;

        public Settings RefuseKeyHash() => string.IsNullOrEmpty(KeyHash)
            ? this
            : throw new RingKeeperException($"KeyHash '{KeyHash}' does not go with RingType '{RingType}', which has its own. Remove it, or use RingType '{Ketama}'.");
    }
}
