using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>A bare connection that sends text and reads what comes, to test the harness without a client library.</summary>
internal sealed class LineClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[4096];

    public static async Task<LineClient> ConnectAsync(int port)
    {
        var client = new LineClient();
        await client._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), TestContext.Current.CancellationToken);
        return client;
    }

    public async Task<string> AskAsync(string text)
    {
        await SendAsync(text);
        return await ReceiveAsync();
    }

    public async Task SendAsync(string text) =>
        await _socket.SendAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);

    /// <summary>Reads one piece; empty when the other side has closed.</summary>
    public async Task<string> ReceiveAsync()
    {
        var count = await _socket.ReceiveAsync(_buffer, TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(_buffer, 0, count);
    }

    public void Dispose() => _socket.Dispose();
}
