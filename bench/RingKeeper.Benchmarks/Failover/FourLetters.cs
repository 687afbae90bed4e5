using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace RingKeeper.Benchmarks;

/// <summary>Asks ZooKeeper's four-letter words.</summary>
internal static partial class FourLetters
{
    private const int MatchTimeout = 10_000;

    /// <summary>The number of the last transaction: each write counts one, as do a session's birth and end.</summary>
    public static async Task<long> LastTransactionAsync(string server)
    {
        var zxid = PlainRedis.Field(await AskAsync(server, "srvr"), "Zxid") ?? throw new InvalidOperationException($"{server} tells no Zxid.");
        return long.Parse(zxid.Trim()[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    /// <summary>The local port of the client whose session this is; null while it is not connected.</summary>
    public static async Task<int?> PortOfSessionAsync(string server, long session) =>
        Connection().Matches(await AskAsync(server, "cons"))
            .Where(match => long.Parse(match.Groups["session"].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture) == session)
            .Select(static match => (int?)int.Parse(match.Groups["port"].ValueSpan, CultureInfo.InvariantCulture))
            .FirstOrDefault();

    private static async Task<string> AskAsync(string server, string word)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(server));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(word));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync();
    }

    [GeneratedRegex(@":(?<port>\d+)\[\d\]\(.*?sid=0x(?<session>[0-9a-f]+)", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Connection();
}
