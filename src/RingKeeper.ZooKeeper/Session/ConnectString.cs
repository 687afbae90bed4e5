using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>Reads <c>host:port,[::1]:port/chroot</c>.</summary>
internal sealed record ConnectString(IReadOnlyList<ServerAddress> Servers, Chroot Chroot)
{
    public const int DefaultPort = 2181;

    // RFC 1035: longer names do not resolve.
    private const int MaxHostLength = 255;

    /// <exception cref="ArgumentException">Names the part that is wrong.</exception>
    public static ConnectString Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw Bad("it is empty", "name at least one server, as in 'host:2181'");
        }

        var slash = text.IndexOf('/');
        var hosts = slash < 0 ? text : text[..slash];
        var servers = new List<ServerAddress>();
        foreach (var part in hosts.Split(','))
        {
            servers.Add(ParseServer(part.Trim()));
        }

        return new ConnectString(servers, slash < 0 ? Chroot.None : ParseChroot(text[slash..].Trim()));
    }

    /// <summary>Reads a single server.</summary>
    /// <exception cref="ArgumentException">Names the part that is wrong.</exception>
    public static ServerAddress ParseOne(string? text)
    {
        var (servers, chroot) = Parse(text);
        return servers.Count == 1 && chroot.IsNone ? servers[0] : throw Bad($"'{text}' is not one server", "write it as 'host:2181'");
    }

    private static Chroot ParseChroot(string text) =>
        PathRules.Flaw(text) is { } flaw ? throw Bad($"the chroot '{text}' is not a path: {flaw}", "correct it or leave it out") : new Chroot(text);

    private static ServerAddress ParseServer(string part)
    {
        if (part.Length == 0)
        {
            throw Bad("a server between commas is empty", "remove the comma or name the server");
        }

        return part[0] == '[' ? ParseBracketed(part) : ParsePlain(part);
    }

    private static ServerAddress ParseBracketed(string part)
    {
        var end = part.IndexOf(']');
        if (end < 0 || !IPAddress.TryParse(part[1..end], out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            throw Bad($"'{part}' does not hold an IPv6 address in brackets", "write it as '[::1]:2181'");
        }

        var rest = part[(end + 1)..];
        return rest switch
        {
            "" => new ServerAddress(part[1..end], DefaultPort),
            [':', .. var port] => new ServerAddress(part[1..end], ParsePort(part, port)),
            _ => throw Bad($"'{part}' goes on after the bracket with '{rest}'", "write it as '[::1]:2181'"),
        };
    }

    private static ServerAddress ParsePlain(string part)
    {
        var colon = part.IndexOf(':');
        if (colon != part.LastIndexOf(':'))
        {
            throw Bad($"'{part}' holds several colons", "write an IPv6 address in brackets, as in '[::1]:2181'");
        }

        var host = colon < 0 ? part : part[..colon];
        if (host.Length is 0 or > MaxHostLength || host.Any(char.IsWhiteSpace))
        {
            throw Bad($"'{part}' holds no valid host name", "write it as 'host:2181'");
        }

        return new ServerAddress(host, colon < 0 ? DefaultPort : ParsePort(part, part[(colon + 1)..]));
    }

    private static int ParsePort(string part, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? port
            : throw Bad($"'{text}' in '{part}' is not a port", "a port is a number from 1 to 65535");

#pragma warning disable MA0015 // The message names the part that is wrong; no parameter of this method is.
    private static ArgumentException Bad(string flaw, string remedy) =>
        new($"The ZooKeeper connect string is invalid: {flaw}; {remedy}.");
#pragma warning restore MA0015
}
