using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>A server that says what the test says: one connection after the other, frame by frame.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly IPEndPoint _endPoint;
    private TcpListener _listener = new(IPAddress.Loopback, 0);

    public ScriptedServer()
    {
        _listener.Start();
        _endPoint = (IPEndPoint)_listener.LocalEndpoint;
    }

    public string ConnectString => _endPoint.ToString();

    public async Task<Peer> AcceptAsync() =>
        new(await _listener.AcceptSocketAsync().WaitAsync(ClientSuite.Patience, TimeProvider.System));

    /// <summary>Stops to listen: whoever connects is refused.</summary>
    public void Refuse() => _listener.Stop();

    /// <summary>Listens again on the same port.</summary>
    public void Listen()
    {
        _listener = new TcpListener(_endPoint);
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    internal sealed class Peer(Socket socket) : IDisposable
    {
        public async Task<ConnectRequest> ReadConnectAsync()
        {
            var frame = await ReadFrameAsync();
            var reader = new JuteReader(frame);
            return ConnectRequest.Read(ref reader);
        }

        /// <summary>Reads requests until one that is no ping.</summary>
        public async Task<RequestHeader> ReadRequestAsync()
        {
            while (true)
            {
                var frame = await ReadFrameAsync();
                var reader = new JuteReader(frame);
                var header = RequestHeader.Read(ref reader);
                if (header.Type != OpCode.Ping)
                {
                    return header;
                }
            }
        }

        public Task GrantAsync(long sessionId, int timeoutMs = 3000) =>
            WriteAsync(writer => new ConnectResponse(0, timeoutMs, sessionId, new byte[16], ReadOnly: false).Write(writer));

        public Task ReplyAsync(int xid, long zxid, ZooKeeperErrorCode error = ZooKeeperErrorCode.Ok) =>
            WriteAsync(writer => new ReplyHeader(xid, zxid, error).Write(writer));

        public async Task WriteAsync(Action<FrameWriter> write)
        {
            var writer = new FrameWriter();
            writer.BeginFrame();
            write(writer);
            writer.EndFrame();
            await socket.SendAsync(writer.Written, SocketFlags.None);
        }

        public async Task WriteLengthAsync(int length)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, length);
            await socket.SendAsync(bytes, SocketFlags.None);
        }

        /// <summary>Takes a four-letter word and answers with text.</summary>
        public async Task WriteTextAsync(string text)
        {
            await ReadExactlyAsync(new byte[4]);
            await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(text), SocketFlags.None);
        }

        public void Dispose() => socket.Dispose();

        /// <summary>Reads a frame without its length.</summary>
        public async Task<byte[]> ReadFrameAsync()
        {
            var length = new byte[4];
            await ReadExactlyAsync(length);
            var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            await ReadExactlyAsync(frame);
            return frame;
        }

        private async Task ReadExactlyAsync(Memory<byte> target)
        {
            while (!target.IsEmpty)
            {
                var count = await socket.ReceiveAsync(target, SocketFlags.None).AsTask().WaitAsync(ClientSuite.Patience, TimeProvider.System);
                target = count > 0 ? target[count..] : throw new EndOfStreamException("The client has closed the connection.");
            }
        }
    }
}
