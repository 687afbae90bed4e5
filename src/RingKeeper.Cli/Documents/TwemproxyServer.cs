using System.Globalization;
using System.Text;

namespace RingKeeper.Cli.Documents;

/// <summary>A server of a twemproxy pool: <c>host:port:weight</c> and, after a blank, a name. Read from the end, as nutcracker does. Pure.</summary>
internal static class TwemproxyServer
{
    // As libmemcached does, nutcracker leaves this port out of what it hashes.
    private const int PortOfMemcached = 11211;

    /// <summary>Gets the order into which nutcracker brings its servers before it places points: by the length of their names, then by their bytes.</summary>
    public static Comparer<Shard> Order { get; } = Comparer<Shard>.Create(static (one, other) =>
    {
        var (a, b) = (Encoding.UTF8.GetBytes(one.Name), Encoding.UTF8.GetBytes(other.Name));
        return a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.AsSpan().SequenceCompareTo(b);
    });

    /// <summary>Reads a server as a shard whose name is what nutcracker hashes.</summary>
    /// <exception cref="RingKeeperException">The line is not that of a server that RingKeeper can reach.</exception>
    public static Shard Read(YamlFile file, YamlNode node)
    {
        if (node is not YamlScalar { Text: { Length: > 0 } text })
        {
            throw file.Flaw(node.Line, "a server must be written as host:port:weight, with a name after a blank if it has one.");
        }

        if (text[0] == '/')
        {
            throw file.Flaw(node.Line, $"server '{text}' is a unix socket, which only programs on its machine could reach. Let Redis listen on a port, and give the server its present name, so that its keys stay: host:port:weight name.");
        }

        var (rest, name) = Cut(text, ' ') is var (before, after) ? (before, after) : (text, (string?)null);
        if (Cut(rest, ':') is not var (address, weightText) || Cut(address, ':') is not var (host, portText) || host.Length == 0 || name is "")
        {
            throw file.Flaw(node.Line, $"server '{text}' is not written as host:port:weight, with a name after a blank if it has one.");
        }

        var weight = Number(weightText, ShardWeights.Most) ?? throw file.Flaw(node.Line, $"the weight of server '{text}' must be a whole number from 1 to {ShardWeights.Most}.");
        var port = Number(portText, ushort.MaxValue) ?? throw file.Flaw(node.Line, $"the port of server '{text}' must be a number from 1 to {ushort.MaxValue}.");
        var addr = string.Create(CultureInfo.InvariantCulture, $"{(host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? $"[{host}]" : host)}:{port}");
        return ShardAddress.TryParse(addr, out _)
            ? new Shard(name ?? (port == PortOfMemcached ? host : address), addr) { Weight = weight }
            : throw file.Flaw(node.Line, $"the address of server '{text}' cannot be that of a shard. Write a host name or an address, a port and a weight.");
    }

    private static (string Before, string After)? Cut(string text, char at) =>
        text.LastIndexOf(at) is >= 0 and var index ? (text[..index], text[(index + 1)..]) : null;

    private static int? Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number : null;
}
