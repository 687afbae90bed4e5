using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>What the client does against any server that speaks the protocol. One part a file.</summary>
public abstract partial class ClientSuite(IZooKeeperUnderTest server)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static int s_roots;

    private protected IZooKeeperUnderTest Server { get; } = server;

    private protected ZooKeeperClientOptions Options => new()
    {
        ConnectString = Server.ConnectString,
        Transport = Server.Transport,
        SessionTimeout = TimeSpan.FromSeconds(4),
        MaxReconnectPause = TimeSpan.FromMilliseconds(50),
    };

    private protected Task<ZooKeeper.ZooKeeperClient> ConnectAsync() => ZooKeeper.ZooKeeperClient.ConnectAsync(Options);

    private protected Task<ZooKeeper.ZooKeeperClient> ConnectAsync(TcpProxy proxy, TimeSpan? sessionTimeout = null) =>
        ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { ConnectString = proxy.Addr, SessionTimeout = sessionTimeout ?? Options.SessionTimeout });

    /// <summary>A znode of the test's own.</summary>
    private protected static Task<string> CreateRootAsync(ZooKeeper.ZooKeeperClient client) =>
        client.CreateAsync($"/suite-{Environment.ProcessId}-{Interlocked.Increment(ref s_roots)}", default).AsTask();

    private protected static async Task<ZooKeeperException> FailureOf(Task task)
    {
        try
        {
            await task.WaitAsync(Patience, TimeProvider.System);
        }
        catch (ZooKeeperException exception)
        {
            return exception;
        }

        throw new InvalidOperationException("The operation succeeded where a ZooKeeperException was due.");
    }

    private protected static WatchedEvent Event(WatchedEventType type, string path) => new(type, path);
}
