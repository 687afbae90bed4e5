using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>A real Apache ZooKeeper, standalone or a member of an ensemble.</summary>
public sealed class ApacheZooKeeper : ServerProcess
{
    private const string JarFolder = "/usr/share/java";
    private const string Package = "libzookeeper-java";

    private readonly int _tickTimeMs;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly IReadOnlyList<string> _properties;

    private ApacheZooKeeper(int tickTimeMs, IReadOnlyDictionary<string, string> settings, IReadOnlyList<string>? properties = null)
        : base("java", "default-jre-headless", TimeSpan.FromSeconds(90))
    {
        _tickTimeMs = tickTimeMs;
        _settings = settings;
        _properties = properties ?? [];
    }

    public string ConnectString => Addr;

    /// <summary>Its number in the ensemble; 0 for one that stands alone.</summary>
    public int Id { get; private init; }

    /// <summary>Whether the virtual machine compiles for speed, which a benchmark wants; tests want a fast start.</summary>
    private bool IsForSpeed { get; init; }

    private string DataFolder => Folder.Combine("data");

    /// <summary>Starts a server; returns when it serves.</summary>
    /// <param name="tickTimeMs">The tick in milliseconds; sessions time out after 2 to 20 of them.</param>
    /// <param name="settings">Further lines of zoo.cfg.</param>
    /// <param name="properties">Further options of java, such as system properties.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<ApacheZooKeeper> StartAsync(
        int tickTimeMs = 200,
        IReadOnlyDictionary<string, string>? settings = null,
        IReadOnlyList<string>? properties = null,
        CancellationToken cancellationToken = default)
    {
        RequireJar("zookeeper.jar", Package);
        RequireJar("slf4j-simple.jar", "libslf4j-java");
        RequireJar("netty-codec.jar", "libnetty-java");
        var server = new ApacheZooKeeper(tickTimeMs, settings ?? new Dictionary<string, string>(), properties);
        await server.StartOnFreePortAsync(cancellationToken);
        return server;
    }

    /// <summary>Starts a server for a benchmark: compiled for speed, with room for data, and without waiting for the disk.</summary>
    public static async Task<ApacheZooKeeper> StartForSpeedAsync()
    {
        RequireJar("zookeeper.jar", Package);
        RequireJar("slf4j-simple.jar", "libslf4j-java");
        var server = new ApacheZooKeeper(tickTimeMs: 2000, new Dictionary<string, string>()) { IsForSpeed = true };
        await server.StartOnFreePortAsync(default);
        return server;
    }

    /// <summary>Starts a member of an ensemble; returns when it serves, which takes a majority of them.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="address">The address it listens on.</param>
    /// <param name="settings">Lines of zoo.cfg that all members share: who they are, and limits.</param>
    /// <param name="properties">Arguments of the virtual machine, for what zoo.cfg cannot say.</param>
    internal static async Task<ApacheZooKeeper> StartMemberAsync(int id, IPAddress address, IReadOnlyDictionary<string, string> settings, params string[] properties)
    {
        RequireJar("zookeeper.jar", Package);
        var server = new ApacheZooKeeper(tickTimeMs: 200, settings, properties) { Id = id, Address = address };
        Directory.CreateDirectory(server.DataFolder);
        await File.WriteAllTextAsync(Path.Combine(server.DataFolder, "myid"), $"{id}");
        await server.StartOnFreePortAsync(default);
        return server;
    }

    /// <summary>Asks by a four-letter word, such as <c>srvr</c>; empty where nobody answers.</summary>
    internal async Task<string> AskAsync(string word, CancellationToken cancellationToken)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(Address, Port), cancellationToken);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(word), cancellationToken);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            return await reader.ReadToEndAsync(cancellationToken);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return "";
        }
    }

    // Tests start many servers on few cores: the first compiler, the serial collector and a small log file start fastest.
    private protected override IEnumerable<string> BuildArguments() =>
    [
        .. IsForSpeed ? (string[])["-Xmx1g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"] : ["-Xmx128m", "-XX:TieredStopAtLevel=1"],
        "-XX:+UseSerialGC", "-XX:-UsePerfData",
        "-Dzookeeper.preAllocSize=64", "-Dzookeeper.forceSync=no", "-Dzookeeper.jmx.log4j.disable=true", .. _properties,
        "-cp", string.Join(':', Jar("zookeeper.jar"), Jar("netty-codec.jar"), Jar("netty-resolver.jar"), Jar("slf4j-simple.jar")),
        "org.apache.zookeeper.server.quorum.QuorumPeerMain", WriteConfiguration(),
    ];

    private protected override async Task<bool> ServesAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        // "conf" answers only once the server serves, and names the data folder: another server cannot be taken for ours.
        await stream.WriteAsync("conf"u8.ToArray(), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var reply = await reader.ReadToEndAsync(cancellationToken);
        return reply.Contains($"dataDir={DataFolder}", StringComparison.Ordinal);
    }

    private string WriteConfiguration()
    {
        var settings = new Dictionary<string, string>
        {
            ["tickTime"] = $"{_tickTimeMs}",
            ["initLimit"] = "10",
            ["syncLimit"] = "5",
            ["dataDir"] = DataFolder,
            ["clientPort"] = $"{Port}",
            ["clientPortAddress"] = $"{Address}",
            ["maxClientCnxns"] = "0",
            ["admin.enableServer"] = "false",
            ["4lw.commands.whitelist"] = "*",
            ["extendedTypesEnabled"] = "true",
        };
        foreach (var (name, value) in _settings)
        {
            settings[name] = value;
        }

        var file = Folder.Combine("zoo.cfg");
        File.WriteAllLines(file, settings.Select(setting => $"{setting.Key}={setting.Value}"));
        return file;
    }

    private static string Jar(string name) => Path.Combine(JarFolder, name);

    private static void RequireJar(string name, string package)
    {
        if (!File.Exists(Jar(name)))
        {
            throw new InvalidOperationException(
                $"{Jar(name)} is missing: install the Debian package {package}, or run ./test.sh as root, which does.");
        }
    }
}
