using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>A real nutcracker (twemproxy) with one pool of Redis servers.</summary>
public sealed class NutcrackerServer : ServerProcess
{
    private readonly IReadOnlyList<string> _settings;
    private readonly IReadOnlyList<string> _servers;
    private readonly string _pool = $"pool-{Guid.NewGuid():N}";
    private int _statsPort;

    private NutcrackerServer(IReadOnlyList<string> settings, IReadOnlyList<string> servers)
        : base("nutcracker", "nutcracker", TimeSpan.FromSeconds(30))
    {
        _settings = settings;
        _servers = servers;
    }

    /// <summary>Gets the configuration that the proxy runs with.</summary>
    public string ConfigFile => Folder.Combine("pool.yml");

    /// <summary>Starts a proxy; returns when it answers.</summary>
    /// <param name="settings">Lines of the pool, such as <c>hash: md5</c>.</param>
    /// <param name="servers">Its servers as nutcracker writes them: <c>host:port:weight name</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<NutcrackerServer> StartAsync(
        IReadOnlyList<string> settings, IReadOnlyList<string> servers, CancellationToken cancellationToken = default)
    {
        var server = new NutcrackerServer(settings, servers);
        await server.StartOnFreePortAsync(cancellationToken);
        return server;
    }

    private protected override IEnumerable<string> BuildArguments()
    {
        var file = ConfigFile;
        string[] lines =
        [
            $"{_pool}:", $"  listen: 127.0.0.1:{Port}", "  redis: true", "  distribution: ketama", .. _settings.Select(line => $"  {line}"),
            "  servers:", .. _servers.Select(server => $"   - {server}"),
        ];
        File.WriteAllLines(file, lines);
        _statsPort = FreePort.Next();
        return ["--conf-file", file, "--stats-addr", "127.0.0.1", "--stats-port", $"{_statsPort}", "--verbose", "5"];
    }

    private protected override async Task<bool> ServesAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        // The name of the pool tells that this very process listens.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _statsPort), cancellationToken);
        await using var stats = new NetworkStream(socket);
        using var reader = new StreamReader(stats, Encoding.ASCII);
        return (await reader.ReadToEndAsync(cancellationToken)).Contains(_pool, StringComparison.Ordinal);
    }
}
