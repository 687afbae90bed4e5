using System.Net.Sockets;
using System.Text;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>A real redis-server without persistence.</summary>
public sealed class RedisServer : ServerProcess
{
    private readonly IReadOnlyList<string> _extraArguments;

    private RedisServer(IReadOnlyList<string> extraArguments)
        : base("redis-server", "redis-server", TimeSpan.FromSeconds(30)) => _extraArguments = extraArguments;

    /// <summary>Starts a server; returns when it answers.</summary>
    /// <param name="extraArguments">Further arguments of redis-server, such as <c>--requirepass</c> and its value.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<RedisServer> StartAsync(
        IReadOnlyList<string>? extraArguments = null, CancellationToken cancellationToken = default)
    {
        var server = new RedisServer(extraArguments ?? []);
        await server.StartOnFreePortAsync(cancellationToken);
        return server;
    }

    private protected override IEnumerable<string> BuildArguments() =>
    [
        "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", Folder.Path,
        "--save", "", "--appendonly", "no", "--daemonize", "no", .. _extraArguments,
    ];

    private protected override async Task<bool> ServesAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync("INFO server\r\nQUIT\r\n"u8.ToArray(), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var reply = await reader.ReadToEndAsync(cancellationToken);

        // A server with a password tells nobody its process id.
        return reply.Contains($"process_id:{ProcessId}\r\n", StringComparison.Ordinal)
            || reply.StartsWith("-NOAUTH", StringComparison.Ordinal);
    }
}
