using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Embedded;

public sealed class ListenerTests
{
    [Fact]
    public async Task A_connection_that_cannot_be_served_keeps_out_no_other()
    {
        using var listener = new Listener(new IPEndPoint(IPAddress.Loopback, 0), NullLogger.Instance);
        var served = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = 0;
        listener.Start(socket =>
        {
            if (++calls == 1)
            {
                throw new InvalidOperationException("The first one fails.");
            }

            served.SetResult(socket);
        });
        using var first = await DialAsync(listener);
        Assert.Equal(0, await first.ReceiveAsync(new byte[1]));

        using var second = await DialAsync(listener);

        using var socket = await served.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        await listener.StopAsync(keepPort: false);
        await listener.StopAsync(keepPort: true);
    }

    private static async Task<Socket> DialAsync(Listener listener)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.EndPoint);
        return socket;
    }
}
