using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.IntegrationTests.Embedded;

/// <summary>Speaks the protocol frame by frame, with no client in between that could hide what is on the wire.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly Stream _stream;

    private RawConnection(Stream stream) => _stream = stream;

    public ConnectResponse Greeting { get; private set; }

    public static Task<RawConnection> OpenAsync(EmbeddedZooKeeperServer server, int receiveBuffer = 0) => OpenAsync(server.Port, receiveBuffer);

    public static async Task<RawConnection> OpenAsync(int port, int receiveBuffer = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new RawConnection(new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>Opens a connection and shakes hands, for a new session or the given one.</summary>
    public static Task<RawConnection> ConnectAsync(EmbeddedZooKeeperServer server, int timeoutMs = 4_000, ConnectResponse? resume = null, long seen = 0) =>
        ConnectAsync(server.Port, timeoutMs, resume, seen);

    public static async Task<RawConnection> ConnectAsync(int port, int timeoutMs = 4_000, ConnectResponse? resume = null, long seen = 0)
    {
        var connection = await OpenAsync(port);
        await connection.GreetAsync(new ConnectRequest(0, seen, timeoutMs, resume?.SessionId ?? 0, resume?.Password, false));
        return connection;
    }

    /// <summary>Connects inside the process and shakes hands.</summary>
    public static async Task<RawConnection> ConnectAsync(IZooKeeperTransport transport, int timeoutMs = 4_000, ConnectResponse? resume = null, long seen = 0)
    {
        var connection = await OpenAsync(transport);
        await connection.GreetAsync(new ConnectRequest(0, seen, timeoutMs, resume?.SessionId ?? 0, resume?.Password, false));
        return connection;
    }

    public static async Task<RawConnection> OpenAsync(IZooKeeperTransport transport) => new(await transport.ConnectAsync(new DnsEndPoint("in-process", 2181), default));

    public async Task<byte[]> GreetAsync(ConnectRequest request)
    {
        await SendAsync(request.Write);
        var frame = await ReceiveAsync();
        Greeting = Parse(frame);
        return frame;

        static ConnectResponse Parse(byte[] frame)
        {
            var reader = new JuteReader(frame);
            return ConnectResponse.Read(ref reader);
        }
    }

    public async Task SendAsync(Action<FrameWriter> content)
    {
        var writer = new FrameWriter();
        writer.BeginFrame();
        content(writer);
        writer.EndFrame();
        await SendBytesAsync(writer.Written);
    }

    public Task SendAsync(int xid, OpCode type, Action<FrameWriter>? body = null) => SendAsync(writer =>
    {
        new RequestHeader(xid, type).Write(writer);
        body?.Invoke(writer);
    });

    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes).AsTask().WaitAsync(Patience);

    /// <summary>Receives one frame without its length.</summary>
    public async Task<byte[]> ReceiveAsync()
    {
        var prefix = await ReadAsync(4);
        return await ReadAsync(BinaryPrimitives.ReadInt32BigEndian(prefix));
    }

    public async Task<RawReply> ReplyAsync() => RawReply.Parse(await ReceiveAsync());

    public async Task<RawReply> CallAsync(int xid, OpCode type, Action<FrameWriter>? body = null)
    {
        await SendAsync(xid, type, body);
        return await ReplyAsync();
    }

    public Task<RawReply> CreateAsync(string path, int flags = 0) =>
        CallAsync(1, OpCode.Create, new CreateRecord(path, new byte[] { 1 }, Acl.OpenToWorld, flags).Write);

    /// <summary>Reads to the end of the stream and returns what came before it.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using var rest = new MemoryStream();
        try
        {
            await _stream.CopyToAsync(rest).WaitAsync(Patience);
        }
        catch (IOException exception) when (exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // A server that closes with unread bytes resets the connection; that is an end too.
        }

        return rest.ToArray();
    }

    public void Dispose() => _stream.Dispose();

    private async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes).AsTask().WaitAsync(Patience);
        return bytes;
    }
}
