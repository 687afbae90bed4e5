using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Session;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

/// <summary>Whatever bytes a server sends, they cost the client no more than the connection: it neither fails nor hangs nor swallows memory.</summary>
public sealed class ClientFuzzTests : IAsyncDisposable
{
    private const int MaxFrameLength = 4_096;

    // Watches and subscriptions pile up on a client, and an event goes to all of them.
    private const int InputsOfAClient = 250;

    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(30);

    private readonly Queue<(int Xid, OpCode Type)> _asked = new();
    private SentRequests _stream = new();
    private readonly List<Task> _closing = [];
    private List<Task> _operations = [];
    private ZooKeeperClient _client = null!;
    private ClientSession _session = null!;
    private Connection? _connection;

    public async ValueTask DisposeAsync()
    {
        Close();
        await Task.WhenAll(_closing);
        await _stream.DisposeAsync();
    }

    [Fact]
    public Task Replies_of_any_bytes_cost_the_connection_at_most() => RunAsync(seed: 1, inputs: 10_000);

    [Fact]
    [Trait("Speed", "Slow")]
    public Task Three_hundred_thousand_replies_of_any_bytes_cost_the_connection_at_most() => RunAsync(FuzzRun.NewSeed(), inputs: 300_000);

    [Fact]
    public Task Streams_and_connect_responses_of_any_bytes_are_read_or_refused() => CutAsync(seed: 1, inputs: 10_000);

    [Fact]
    [Trait("Speed", "Slow")]
    public Task Three_hundred_thousand_streams_and_connect_responses_are_read_or_refused() => CutAsync(FuzzRun.NewSeed(), inputs: 300_000);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_session")]
    private static extern ref ClientSession SessionOf(ZooKeeperClient client);

    // What the requests and watches that the frame ends take, some hundred at most; beyond that memory follows the frame.
    private static long Bound(int length) => (256 * 1024) + (100L * length);

    private Task RunAsync(int seed, int inputs)
    {
        TestContext.Current.SendDiagnosticMessage($"Fuzz of the client's replies: seed {seed}");
        var mutator = new FrameMutator(seed, [.. Enum.GetValues<OpCode>().Select(type => ValidFrames.Reply(1, type, succeeds: true)), ValidFrames.Notification("/a")]);
        return new FuzzRun(seed, inputs, Bound).RunAsync(number => NextFrame(number, mutator), Feed);
    }

    private void Renew()
    {
        Close();
        _client = ZooKeeperClient.Open(new() { ConnectString = "a:1", Transport = new NoWay(), TimeProvider = new FakeTimeProvider(), MaxFrameLength = MaxFrameLength });
        _session = SessionOf(_client);
    }

    private void Close()
    {
        if (_client is not null)
        {
            _connection?.Dispose();
            _connection = null;
            _session.Finish();
            _closing.RemoveAll(task => task.IsCompletedSuccessfully);
            _closing.Add(CloseAsync(_client, _operations));
            _operations = [];
        }
    }

    // Whatever came, every caller is answered, with a result or with what the client has to say.
    private static async Task CloseAsync(ZooKeeperClient client, List<Task> operations)
    {
        await client.DisposeAsync();
        foreach (var operation in operations)
        {
            try
            {
                await operation.WaitAsync(AnswerBound, TimeProvider.System);
            }
            catch (Exception exception) when (exception is ZooKeeperException or ObjectDisposedException)
            {
                // An answer, too.
            }
        }
    }

    private static Task CutAsync(int seed, int inputs)
    {
        TestContext.Current.SendDiagnosticMessage($"Fuzz of the client's frames: seed {seed}");
        byte[][] streams = [.. ValidFrames.ConnectResponses.Select(frame => ValidFrames.Build(writer =>
        {
            for (var i = 0; i < 3; i++)
            {
                writer.BeginFrame();
                writer.WriteRaw(frame);
                writer.EndFrame();
            }
        }))];
        var mutator = new FrameMutator(seed, streams);
        return new FuzzRun(seed, inputs, length => (128 * 1024) + (20L * length)).RunAsync(_ => mutator.Next(), Cut);
    }

    private static void Cut(byte[] input)
    {
        // Nothing here waits, so that the synchronous end is the end.
        using var stream = new MemoryStream(input);
        var reader = new FrameReader(stream, MaxFrameLength);
        try
        {
            while (reader.ReceiveAsync(default).AsTask().GetAwaiter().GetResult())
            {
                while (reader.TryTake(out var frame))
                {
                    Assert.InRange(frame.Length, 0, MaxFrameLength);
                    var body = new JuteReader(frame);
                    _ = ConnectResponse.Read(ref body);
                }
            }
        }
        catch (Exception exception) when (exception is JuteException or ProtocolViolationException)
        {
            // What ends the connection, and says why.
        }
    }

    private byte[] NextFrame(int number, FrameMutator mutator)
    {
        if (number % InputsOfAClient == 0)
        {
            Renew();
        }

        if (_connection is null)
        {
            var response = new ConnectResponse(0, 4_000, 0x0100_0000_0000_0001, new byte[16], false);
            _stream = new SentRequests();
            _connection = _session.Accept(_stream, new Handshake(response, new FrameReader(_stream, MaxFrameLength), AskedAt: 1), new ServerAddress("a", 1));
            _asked.Clear();
        }

        if (_asked.Count < 2)
        {
            Ask(mutator.Choose(20));
        }

        var batch = new FrameWriter();
        _session.Fill(_connection!, batch, 64 * 1024);
        _stream.Write(batch.Written.Span);
        _stream.TakeTo(_asked);
        if (mutator.Choose(4) == 0 || !_asked.TryDequeue(out var next))
        {
            return mutator.Next(ValidFrames.Notification("/a"));
        }

        return mutator.Next(ValidFrames.Reply(next.Xid, next.Type, succeeds: mutator.Choose(4) > 0));
    }

    private void Ask(int what)
    {
        // Awaited when the client is closed.
        _operations.Add(what switch
        {
            0 => _client.CreateAsync("/a", new byte[3]).AsTask(),
            1 => _client.DeleteAsync("/a").AsTask(),
            2 => _client.ExistsAndWatchAsync("/a").AsTask(),
            3 => _client.GetDataAsync("/a").AsTask(),
            4 => _client.GetDataAndWatchAsync("/a").AsTask(),
            5 => _client.GetChildrenAsync("/a").AsTask(),
            6 => _client.SetDataAsync("/a", new byte[3]).AsTask(),
            7 => _client.GetAclAsync("/a").AsTask(),
            8 => _client.SyncAsync("/a").AsTask(),
            9 => _client.WatchAsync("/a", WatchMode.PersistentRecursive).AsTask(),
            10 => _client.CreateWithStatAsync("/a", new byte[3]).AsTask(),
            11 => _client.SetAclAsync("/a", Acl.OpenToWorld).AsTask(),
            12 => _client.MultiReadAsync([ZooKeeperRead.GetData("/a"), ZooKeeperRead.GetChildren("/a")]).AsTask(),
            13 => _client.GetEphemeralsAsync().AsTask(),
            14 => _client.CountDescendantsAsync("/a").AsTask(),
            15 => _client.WhoAmIAsync().AsTask(),
            16 => _client.GetConfigAsync().AsTask(),
            17 => _client.HasWatchAsync("/a").AsTask(),
            18 => _client.RemoveWatchesAsync("/a").AsTask(),
            _ => _client.MultiAsync([ZooKeeperOp.Create("/a", default), ZooKeeperOp.SetData("/a", default), ZooKeeperOp.Delete("/a")]).AsTask(),
        });
    }

    private void Feed(byte[] frame)
    {
        try
        {
            var body = new JuteReader(frame);
            _session.OnFrame(_connection!, ReplyHeader.Read(ref body), ref body);
        }
        catch (Exception exception) when (exception is JuteException or ProtocolViolationException)
        {
            // What a connection takes for its end; anything else is a defect of the decoder.
            _session.OnConnectionLost(_connection!);
            _connection!.Dispose();
            _connection = null;
        }
    }

    /// <summary>Never connects: the test plays the connection itself.</summary>
    private sealed class NoWay : IZooKeeperTransport
    {
        public async ValueTask<Stream> ConnectAsync(System.Net.DnsEndPoint server, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new IOException("There is no way.");
        }
    }

    /// <summary>Takes what the client writes and tells xid and operation of each request.</summary>
    private sealed class SentRequests : MemoryStream
    {
        private readonly Lock _gate = new();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            lock (_gate)
            {
                base.Write(buffer);
            }
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public void TakeTo(Queue<(int Xid, OpCode Type)> requests)
        {
            lock (_gate)
            {
                var bytes = new JuteReader(GetBuffer().AsSpan(0, (int)Length));
                while (bytes.Remaining > 0 && bytes.ReadBuffer() is { } frame)
                {
                    var reader = new JuteReader(frame);
                    var header = RequestHeader.Read(ref reader);
                    requests.Enqueue((header.Xid, header.Type));
                }

                SetLength(0);
            }
        }
    }
}
