using System.Net;
using Microsoft.AspNetCore.Http;

namespace RingKeeper.Cli.Handlers;

/// <summary>
/// Tells whether a request that came over loopback was meant for it. A page of another site can make a browser of this machine ask for its own name after it let that name
/// point here (DNS rebinding), and would then read the answer. Pure.
/// </summary>
internal static class LoopbackHost
{
    public const string Refusal = "This page is served on loopback alone, and answers to localhost or a loopback address as its host, not to another name.\n";

    public static bool IsMeant(HostString host)
    {
        // A name that ends with a dot is the same name.
        var name = host.HasValue ? host.Host.TrimEnd('.') : "";
        return string.Equals(name, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address) && (name.Contains(':', StringComparison.Ordinal) || name.Split('.').Length == 4));
    }
}
