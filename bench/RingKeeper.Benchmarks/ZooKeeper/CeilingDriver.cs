using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RingKeeper.Benchmarks;

/// <summary>
/// No client: frames made beforehand, sent as often as replies come, which are counted and not read. What the server does with a client that costs nothing.
/// Names of znodes are numbered by the server, so that one frame serves for all.
/// </summary>
internal sealed class CeilingDriver : IZooKeeperDriver, IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[256 * 1024];
    private readonly string _path;
    private int _begin;
    private int _end;

    private CeilingDriver(string path) => _path = path;

    public string Name => "no client";

    public int ProcessId => Environment.ProcessId;

    public static async Task<CeilingDriver> StartAsync(IPEndPoint server, string path)
    {
        var driver = new CeilingDriver(path);
        await driver._socket.ConnectAsync(server);

        // Version, last zxid, timeout, session, password of 16 bytes.
        await driver._socket.SendAsync(Frame([.. Int(0), .. Long(0), .. Int(40_000), .. Long(0), .. Int(16), .. new byte[16]]));
        await driver.ReceiveAsync(1);
        return driver;
    }

    public Task<double> SequenceAsync(string operation, int count) => WindowAsync(operation, count, 1);

    public async Task<double> WindowAsync(string operation, int count, int outstanding)
    {
        var frames = Enumerable.Range(0, 10).Select(turn => FrameOf(operation != "mixed" ? operation : turn switch { 3 => "set", 7 => "create", _ => "get" })).ToList();
        var (sent, answered) = (0, 0);
        var batch = new MemoryStream();
        var start = Stopwatch.GetTimestamp();
        while (answered < count)
        {
            batch.SetLength(0);
            for (; sent < count && sent - answered < outstanding; sent++)
            {
                batch.Write(frames[sent % frames.Count]);
            }

            if (batch.Length > 0)
            {
                await _socket.SendAsync(batch.GetBuffer().AsMemory(0, (int)batch.Length));
            }

            answered += await ReceiveAsync(1);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public Task<IReadOnlyList<double>> WatchAsync(int count) => throw new NotSupportedException("There is no client that could watch.");

    public void Dispose() => _socket.Dispose();

    // Takes what has come, at least so many frames.
    private async Task<int> ReceiveAsync(int least)
    {
        for (var taken = 0; ;)
        {
            while (_end - _begin >= 4 && BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_begin)) is var length && _end - _begin >= 4 + length)
            {
                if (least == 1 && length >= 16 && BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_begin + 16)) is var error && BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_begin + 4)) == 1 && error != 0)
                {
                    throw new InvalidOperationException($"The server refused a request with {error}; the time would mean nothing.");
                }

                _begin += 4 + length;
                taken++;
            }

            if (taken >= least)
            {
                return taken;
            }

            _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
            (_begin, _end) = (0, _end - _begin);
            var count = await _socket.ReceiveAsync(_buffer.AsMemory(_end));
            _end += count > 0 ? count : throw new InvalidOperationException("The server closed the connection.");
        }
    }

    private byte[] FrameOf(string operation) => operation switch
    {
        "get" => Frame([.. Int(1), .. Int(4), .. Text(_path), 0]),
        "set" => Frame([.. Int(1), .. Int(5), .. Text(_path), .. Data(), .. Int(-1)]),

        // Open to the world; flag 2 has the server number it.
        _ => Frame([.. Int(1), .. Int(1), .. Text($"{_path}/n"), .. Data(), .. Int(1), .. Int(31), .. Text("world"), .. Text("anyone"), .. Int(2)]),
    };

    private static byte[] Data() => [.. Int(100), .. Enumerable.Repeat((byte)'x', 100)];

    private static byte[] Text(string text) => [.. Int(text.Length), .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Frame(byte[] body) => [.. Int(body.Length), .. body];

    private static byte[] Int(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Long(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }
}
