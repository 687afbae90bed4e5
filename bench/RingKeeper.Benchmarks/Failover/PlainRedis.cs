using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RingKeeper.Benchmarks;

/// <summary>Asks a Redis server one question over a connection of its own, with nothing of a client library in between.</summary>
internal static class PlainRedis
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>The reply, its arrays in one line: numbers and texts in the order they came. An error begins with "-".</summary>
    /// <exception cref="IOException">The server refused, closed or did not answer in time.</exception>
    public static async Task<IReadOnlyList<string>> AskAsync(int port, string command)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), patience.Token);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"), patience.Token);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var parts = new List<string>();
            await ReadAsync(reader, parts, patience.Token);
            return parts;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            throw new IOException($"127.0.0.1:{port} did not answer {command.Split(' ')[0]}: {e.Message}", e);
        }
    }

    /// <summary>Sends a command that must not fail.</summary>
    public static async Task DoAsync(int port, string command)
    {
        if ((await AskAsync(port, command))[0] is ['-', ..] error)
        {
            throw new InvalidOperationException($"127.0.0.1:{port} answered {command.Split(' ')[0]} with {error}.");
        }
    }

    /// <summary>The value of a field of INFO, or of what else is written "name:value".</summary>
    public static string? Field(string text, string name) =>
        text.Split('\n').FirstOrDefault(line => line.StartsWith($"{name}:", StringComparison.Ordinal))?[(name.Length + 1)..].TrimEnd('\r');

    private static async Task ReadAsync(StreamReader reader, List<string> parts, CancellationToken cancellationToken)
    {
        var line = await reader.ReadLineAsync(cancellationToken) ?? throw new IOException("The server closed the connection.");
        switch (line[0])
        {
            case '*':
                for (var left = int.Parse(line[1..]); left > 0; left--)
                {
                    await ReadAsync(reader, parts, cancellationToken);
                }

                break;
            case '$' when line != "$-1":
                var text = new char[int.Parse(line[1..]) + 2];
                await reader.ReadBlockAsync(text, cancellationToken);
                parts.Add(new string(text, 0, text.Length - 2));
                break;
            case '-':
                parts.Add(line);
                break;
            default:
                parts.Add(line[1..]);
                break;
        }
    }
}
