using System.Globalization;
using System.Net;

namespace RingKeeper.Cli;

/// <summary>Where a command serves HTTP: <c>address:port</c>, or <c>:port</c> on the loopback address.</summary>
internal static class HttpAddress
{
    public static string FlawOf(string text) =>
        $"'{text}' is not an address to listen on; write :8080 for loopback, or an IP address of this machine and a port, such as 10.0.0.5:8080, [::1]:8080, or 0.0.0.0:8080 for all";

    public static bool TryParse(string text, out IPEndPoint address)
    {
        address = new IPEndPoint(IPAddress.Loopback, 0);
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        var host = text[..colon];
        if (host is "" or "localhost")
        {
            address = new IPEndPoint(IPAddress.Loopback, port);
            return true;
        }

        // Without brackets an IPv6 address swallows the port; with fewer than four numbers an IPv4 address is not what it seems.
        var isBracketed = host is ['[', .., ']'];
        if (!IPAddress.TryParse(host, out var ip) || isBracketed != (ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6) || (!isBracketed && host.Split('.').Length != 4))
        {
            return false;
        }

        address = new IPEndPoint(ip, port);
        return true;
    }
}
