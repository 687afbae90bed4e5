using System.Globalization;
using System.Text;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>Reads the lines of a dynamic configuration: <c>server.1=host:2888:3888|other:2888:3888:participant;host:2181</c> and <c>version=100000000</c> in hexadecimal.</summary>
internal static class EnsembleConfigText
{
    private const string ServerPrefix = "server.";
    private const string VersionKey = "version";

    /// <exception cref="FormatException">Names the line that is wrong.</exception>
    public static EnsembleConfig Parse(byte[] data, Stat stat)
    {
        var text = Encoding.UTF8.GetString(data);
        var members = new List<EnsembleMember>();
        var version = -1L;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = line.IndexOf('=');
            var key = equals < 0 ? line : line[..equals].Trim();
            if (key.StartsWith(ServerPrefix, StringComparison.Ordinal))
            {
                members.Add(ParseMember(line, key[ServerPrefix.Length..], line[(equals + 1)..].Trim()));
            }
            else if (key == VersionKey && !long.TryParse(line.AsSpan(equals + 1).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out version))
            {
                throw Bad(line, "its version is no hexadecimal number");
            }
        }

        return new EnsembleConfig(version, members, text, stat);
    }

    private static EnsembleMember ParseMember(string line, string number, string value)
    {
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            throw Bad(line, $"'{number}' is no number of a server");
        }

        var semicolon = value.IndexOf(';');
        var servers = semicolon < 0 ? value : value[..semicolon];
        var role = EnsembleRole.Participant;
        var addresses = new List<string>();
        foreach (var part in servers.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            addresses.Add(TakeRole(part, ref role));
        }

        return addresses.Count == 0
            ? throw Bad(line, "it names no address")
            : new EnsembleMember(id, addresses, role, semicolon < 0 ? null : ClientAddressOf(value[(semicolon + 1)..].Trim(), addresses[0]));
    }

    // The role stands behind an address, and holds for the server.
    private static string TakeRole(string address, ref EnsembleRole role)
    {
        var colon = address.LastIndexOf(':');
        switch (colon < 0 ? "" : address[(colon + 1)..])
        {
            case "observer":
                role = EnsembleRole.Observer;
                return address[..colon];
            case "participant":
                return address[..colon];
            default:
                return address;
        }
    }

    // A port alone is one of every address of the host.
    private static string? ClientAddressOf(string client, string address)
    {
        if (client.Length == 0)
        {
            return null;
        }

        if (!client.All(char.IsAsciiDigit))
        {
            return client;
        }

        var hostEnd = address.StartsWith('[') ? address.IndexOf(']') + 1 : address.IndexOf(':');
        return hostEnd > 0 ? $"{address[..hostEnd]}:{client}" : client;
    }

    private static FormatException Bad(string line, string flaw) => new($"The ensemble's configuration holds the line '{line}', which cannot be read: {flaw}.");
}
