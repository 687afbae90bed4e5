using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace RingKeeper.Simulator.Detectors;

/// <summary>Records a trace from a redis-server of its own, by a PING every 50 ms whatever became of those before.</summary>
internal sealed class TraceRecorder(RecordedScene scene)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(15);
    private static readonly byte[] Ping = "PING\r\n"u8.ToArray();

    private readonly ConcurrentDictionary<int, TraceSample> _samples = new();
    private readonly List<TimeSpan> _closes = [];
    private readonly Lock _gate = new();
    private readonly Queue<(int Index, TimeSpan SentAt)> _waiting = new();
    private long _origin;
    private volatile bool _ended;

    private TimeSpan Now => TimeProvider.System.GetElapsedTime(_origin);

    public async Task<TraceFile> RecordAsync(CancellationToken cancellationToken)
    {
        await using var server = await RecordedServer.StartAsync(cancellationToken);
        await using var disturbance = await SceneDisturbance.StartAsync(scene, server.Port, cancellationToken);
        _origin = TimeProvider.System.GetTimestamp();
        var faultAt = TimeSpan.Zero;
        var socket = await ConnectAsync(server.Port, cancellationToken);
        var answers = ReadAsync(socket!, cancellationToken);
        for (var index = 0; Now < scene.Healthy + Aftermath; index++)
        {
            await WaitUntilAsync(Step * index, cancellationToken);
            if (faultAt == TimeSpan.Zero && Now >= scene.Healthy)
            {
                faultAt = Now;
                server.Lose(scene.Fault);
            }

            if (answers.IsCompleted)
            {
                await RefusedAsync(index, server.Port, cancellationToken);
            }
            else
            {
                await SendAsync(socket!, index, cancellationToken);
            }
        }

        _ended = true;
        socket!.Dispose();
        await answers;
        var samples = _samples.OrderBy(static pair => pair.Key).Select(static pair => pair.Value).ToList();
        return new TraceFile(scene.Name, scene.Story, scene.Fault, new ProbeTrace(samples, faultAt, samples[^1].At) { Closes = _closes });
    }

    private static async Task<Socket?> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            socket.Dispose();
            return null;
        }
    }

    private async Task WaitUntilAsync(TimeSpan at, CancellationToken cancellationToken)
    {
        var left = at - Now;
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, TimeProvider.System, cancellationToken);
        }
    }

    private async Task SendAsync(Socket socket, int index, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var now = Now;
            _samples[index] = new TraceSample(now, null);
            _waiting.Enqueue((index, now));
        }

        try
        {
            await socket.SendAsync(Ping, cancellationToken);
        }
        catch (SocketException)
        {
            // The server went in this very moment; the reader notes it, and the next probe finds out the rest.
        }
    }

    private async Task RefusedAsync(int index, int port, CancellationToken cancellationToken)
    {
        var at = Now;
        using var socket = await ConnectAsync(port, cancellationToken);
        if (socket is not null)
        {
            throw new InvalidOperationException($"Something else listens on port {port} of the lost server.");
        }

        _samples[index] = new TraceSample(at, Now - at, ProbeOutcome.Refused);
    }

    // Each byte of line feed ends the answer to the oldest probe.
    private async Task ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
            {
                foreach (var _ in buffer.AsSpan(0, count).ToArray().Where(static b => b == '\n'))
                {
                    Answered();
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Reset by a server that was lost, or ended by the recorder.
        }

        if (!_ended)
        {
            _closes.Add(Now);
        }
    }

    private void Answered()
    {
        lock (_gate)
        {
            var (index, sentAt) = _waiting.Dequeue();
            _samples[index] = new TraceSample(sentAt, Now - sentAt);
        }
    }
}
