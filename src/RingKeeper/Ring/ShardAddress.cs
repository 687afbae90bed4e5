using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RingKeeper;

/// <summary>Reads a shard's address. The string itself stays the key of the shard's status; this only says where to connect.</summary>
public static class ShardAddress
{
    /// <summary>Turns an address into an end point.</summary>
    /// <param name="addr"><c>host:port</c>, <c>[v6]:port</c>, or <c>:port</c>, which means this machine (127.0.0.1).</param>
    /// <returns>An <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/> for a host name.</returns>
    /// <exception cref="RingKeeperException">The address has none of these forms.</exception>
    public static EndPoint Parse(string addr)
    {
        ArgumentNullException.ThrowIfNull(addr);
        return TryParse(addr, out var endPoint)
            ? endPoint
            : throw new RingKeeperException($"'{addr}' is not the address of a shard. Write host:port, [v6]:port, or :port for this machine, with a port from 1 to 65535.");
    }

    /// <summary>Turns an address into an end point, if it is one.</summary>
    /// <param name="addr">The address, see <see cref="Parse"/>.</param>
    /// <param name="endPoint">The end point, or null.</param>
    /// <returns>Whether the address has one of the forms.</returns>
    public static bool TryParse(string? addr, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out EndPoint? endPoint)
    {
        endPoint = null;
        var colon = addr?.LastIndexOf(':') ?? -1;
        if (colon < 0 || !TryParsePort(addr.AsSpan(colon + 1), out var port))
        {
            return false;
        }

        var host = addr![..colon];
        endPoint = host switch
        {
            "" => new IPEndPoint(IPAddress.Loopback, port),
            ['[', .. var v6, ']'] => ParseV6(v6) is { } address ? new IPEndPoint(address, port) : null,
            _ when ParseV4(host) is { } address => new IPEndPoint(address, port),
            _ => IsHostName(host) ? new DnsEndPoint(host, port) : null,
        };
        return endPoint is not null;
    }

    private static bool TryParsePort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= IPEndPoint.MaxPort;

    private static IPAddress? ParseV6(string text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? address : null;

    // IPAddress reads "1" and "127.1" as addresses too; those stay host names here.
    private static IPAddress? ParseV4(string text) =>
        text.Count(static c => c == '.') == 3 && IPAddress.TryParse(text, out var address) ? address : null;

    private static bool IsHostName(string text) =>
        text.Length <= 253 && text.All(static c => !char.IsWhiteSpace(c) && !char.IsControl(c) && !"[]:/,;@\"'".Contains(c, StringComparison.Ordinal));
}
