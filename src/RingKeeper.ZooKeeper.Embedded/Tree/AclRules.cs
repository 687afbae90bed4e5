using System.Globalization;

namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>Who may do what: the schemes world, auth, digest and ip.</summary>
internal static class AclRules
{
    private const string World = "world";
    private const string Anyone = "anyone";

    /// <summary>The scheme of whoever may do everything. It stands in no ACL.</summary>
    public const string Super = "super";

    /// <summary>Says whether an ACL grants at least one of the permissions to the caller.</summary>
    public static bool Allows(IReadOnlyList<Acl> acl, AclPermissions permissions, IReadOnlyList<Identity> identities) =>
        identities.Any(identity => identity.Scheme == Super) || acl.Any(entry => (entry.Permissions & permissions) != AclPermissions.None && IsMet(entry, identities));

    /// <summary>Turns the ACL of a request into the one to store: drops duplicates and puts the caller's identities in place of <c>auth</c>.</summary>
    /// <returns>False when the ACL is empty or holds an entry that is not valid.</returns>
    public static bool TryExpand(IReadOnlyList<Acl> requested, IReadOnlyList<Identity> identities, out IReadOnlyList<Acl> stored)
    {
        var expanded = new List<Acl>(requested.Count);
        stored = expanded;
        foreach (var entry in requested.Distinct())
        {
            if (entry.Scheme == "auth")
            {
                // An address does not authenticate anybody, so it is no identity to hand a znode to.
                var owned = identities.Where(identity => identity.Scheme is not ("ip" or Super)).ToArray();
                if (owned.Length == 0)
                {
                    return false;
                }

                expanded.AddRange(owned.Select(identity => new Acl(entry.Permissions, identity.Scheme, identity.Id)));
            }
            else if (IsWellFormed(entry))
            {
                expanded.Add(entry);
            }
            else
            {
                return false;
            }
        }

        return expanded.Count > 0;
    }

    /// <summary>Hides the digests from a caller who may read an ACL but not change it.</summary>
    public static IReadOnlyList<Acl> Mask(IReadOnlyList<Acl> acl) =>
        [.. acl.Select(entry => entry.Scheme == "digest" ? entry with { Id = entry.Id.Split(':')[0] + ":x" } : entry)];

    private static bool IsMet(Acl entry, IReadOnlyList<Identity> identities) =>
        (entry.Scheme == World && entry.Id == Anyone)
        || identities.Any(identity => identity.Scheme == entry.Scheme
            && (entry.Scheme == "ip" ? Contains(entry.Id, identity.Id) : entry.Id == identity.Id));

    private static bool IsWellFormed(Acl entry) => entry.Scheme switch
    {
        World => entry.Id == Anyone,
        "digest" => entry.Id.Split(':') is [_, { Length: > 0 }],
        "ip" => TryParseRange(entry.Id, out _, out _),
        _ => false,
    };

    private static bool Contains(string range, string address)
    {
        if (!TryParseRange(range, out var network, out var bits) || !TryParseAddress(address, out var ip))
        {
            return false;
        }

        var mask = bits == 0 ? 0 : uint.MaxValue << (32 - bits);
        return ((network ^ ip) & mask) == 0;
    }

    private static bool TryParseRange(string range, out uint network, out int bits)
    {
        var parts = range.Split('/', 2);
        bits = 32;
        return TryParseAddress(parts[0], out network)
            && (parts.Length == 1 || (int.TryParse(parts[1], out bits) && bits is >= 0 and <= 32));
    }

    // Four numbers in full: the scheme knows neither IPv6 nor the shorthands that IPAddress takes.
    private static bool TryParseAddress(string text, out uint address)
    {
        address = 0;
        var parts = text.Split('.');
        foreach (var part in parts)
        {
            if (!byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            address = (address << 8) | number;
        }

        return parts.Length == 4;
    }
}
