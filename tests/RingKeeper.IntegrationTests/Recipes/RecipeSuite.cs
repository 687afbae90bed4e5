using System.Text;
using RingKeeper.IntegrationTests.Client;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Recipes;

/// <summary>What the recipes do over any server that speaks the protocol. One recipe a file.</summary>
public abstract partial class RecipeSuite(IZooKeeperUnderTest server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static int s_roots;

    private ZooKeeperClientOptions Options => new()
    {
        ConnectString = server.ConnectString,
        SessionTimeout = TimeSpan.FromSeconds(4),
        MaxReconnectPause = TimeSpan.FromMilliseconds(50),
    };

    private static CancellationToken Soon => new CancellationTokenSource(Patience).Token;

    private Task<ZooKeeperClient> ConnectAsync() => ZooKeeperClient.ConnectAsync(Options, Soon);

    private Task<ZooKeeperClient> ConnectAsync(TcpProxy proxy, TimeSpan? sessionTimeout = null) =>
        ZooKeeperClient.ConnectAsync(Options with { ConnectString = proxy.Addr, SessionTimeout = sessionTimeout ?? Options.SessionTimeout }, Soon);

    private static string NewPath(string name) => $"/recipes-{Environment.ProcessId}-{Interlocked.Increment(ref s_roots)}-{name}";

    /// <summary>Waits until a znode is gone.</summary>
    private static async Task WhenGoneAsync(ZooKeeperClient client, string path)
    {
        while (await client.ExistsAndWatchAsync(path, Soon) is { Value: not null } watch)
        {
            await watch.Changed.WaitAsync(Patience);
        }
    }

    /// <summary>Waits until a parent has so many children.</summary>
    private static async Task<IReadOnlyList<string>> WhenChildrenAsync(ZooKeeperClient client, string parent, int count)
    {
        while (true)
        {
            try
            {
                var watch = await client.GetChildrenAndWatchAsync(parent, Soon);
                if (watch.Value.Names.Count == count)
                {
                    return watch.Value.Names;
                }

                await watch.Changed.WaitAsync(Patience);
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
            {
                var watch = await client.ExistsAndWatchAsync(parent, Soon);
                if (watch.Value is null)
                {
                    await watch.Changed.WaitAsync(Patience);
                }
            }
        }
    }

    /// <summary>Ends a client's session by keeping it from the server until the server has given it up.</summary>
    private static async Task ExpireAsync(TcpProxy proxy, ZooKeeperClient other, string ephemeral)
    {
        proxy.Refuse = true;
        await proxy.CutAllAsync();
        await WhenGoneAsync(other, ephemeral);
        proxy.Refuse = false;
    }

    private static async Task WhenCancelledAsync(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource();
        await using var registration = token.Register(cancelled.SetResult);
        await cancelled.Task.WaitAsync(Patience, TimeProvider.System, CancellationToken.None);
    }

    private static string Text(ReadOnlyMemory<byte> data) => Encoding.UTF8.GetString(data.Span);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
