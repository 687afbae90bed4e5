using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>The client where bytes come late, one by one, or end in the middle of a frame: at every byte there is.</summary>
public sealed class BrokenBytesTests : IAsyncLifetime
{
    private EmbeddedZooKeeperServer _server = null!;
    private TcpProxy _proxy = null!;
    private ZooKeeperClient _direct = null!;
    private ZooKeeperClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedZooKeeperServer.StartAsync();
        _proxy = TcpProxy.Start(_server.Port);
        _direct = await ZooKeeperClient.ConnectAsync(new ZooKeeperClientOptions { ConnectString = _server.ConnectString });
        _client = await ZooKeeperClient.ConnectAsync(new ZooKeeperClientOptions { ConnectString = _proxy.Addr, MaxReconnectPause = TimeSpan.Zero });
        await _direct.CreateAsync("/watched", default);
    }

    public async ValueTask DisposeAsync()
    {
        _proxy.Calm();
        await _client.DisposeAsync();
        await _direct.DisposeAsync();
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(64, 10)]
    public async Task Frames_in_pieces_and_late_ones_are_as_good_as_whole_ones(int pieceLength, int lateMs)
    {
        var data = new byte[lateMs == 0 ? 3_000 : 300];
        new Random(pieceLength).NextBytes(data);
        var manner = ProxyManner.Slow(seed: pieceLength, TimeSpan.FromMilliseconds(lateMs), pieceLength);
        _proxy.Shape(StallDirection.Both, lateMs == 0 ? manner with { Delay = null } : manner);
        var watched = await _client.GetDataAndWatchAsync("/watched");

        for (var round = 0; round < 3; round++)
        {
            var attempt = Attempt.Begin(_client, $"/whole-{round}", data);
            await attempt.EndAsync();
            Assert.Equal(5, attempt.Acknowledged);
            await attempt.AssertTrueAsync(_direct);
            Assert.Equal(data, (await _client.GetDataAsync($"/whole-{round}")).Data);
        }

        await _direct.SetDataAsync("/watched", default);
        Assert.Equal(WatchedEventType.NodeDataChanged, (await watched.Changed.WaitAsync(ClientSuite.Patience, TimeProvider.System)).Type);
        Assert.Equal((SessionState.Connected, 1), (_client.Session.State, _client.Session.Epoch));
    }

    [Theory]
    [Trait("Speed", "Slow")]
    [InlineData(nameof(StallDirection.ToClient))]
    [InlineData(nameof(StallDirection.ToServer))]
    public async Task Wherever_the_connection_ends_every_operation_is_answered_truly_and_session_and_watches_go_on(string way)
    {
        var direction = Enum.Parse<StallDirection>(way);
        var session = _client.Session.SessionId;
        await using var watch = await _client.WatchAsync("/watched", WatchMode.Persistent);
        await using var events = new EventReader(watch);
        var length = await MeasureAsync(direction);
        var (acknowledged, open) = (0, 0);
        for (var cut = 0; cut < length; cut++)
        {
            var oneShot = await _client.GetDataAndWatchAsync("/watched");
            var ended = _proxy.EndAfter(direction, cut, cut % 2 == 0 ? ProxyEnd.Close : ProxyEnd.Reset);
            var attempt = Attempt.Begin(_client, $"/cut-{cut:D4}", [1, 2, 3]);
            await attempt.EndAsync();
            await ended.WaitAsync(ClientSuite.Patience, TimeProvider.System);
            await attempt.AssertTrueAsync(_direct);
            acknowledged += attempt.Acknowledged;
            open += attempt.Open;

            // The loss is told, and everything goes on.
            Assert.Equal(WatchedEventType.Gap, (await events.NextAsync()).Type);
            await _client.SetDataAsync("/watched", default).AsTask().WaitAsync(ClientSuite.Patience, TimeProvider.System);
            Assert.Equal(WatchedEventType.NodeDataChanged, (await events.NextAsync()).Type);
            Assert.Equal(WatchedEventType.NodeDataChanged, (await oneShot.Changed.WaitAsync(ClientSuite.Patience, TimeProvider.System)).Type);
            Assert.Equal(session, _client.Session.SessionId);
        }

        // What the server is cut from, it does not answer.
        Assert.True((acknowledged > length || direction == StallDirection.ToServer) && open > length, $"{length} places to cut; {acknowledged} operations acknowledged, {open} of unknown outcome.");
    }

    [Theory]
    [Trait("Speed", "Slow")]
    [InlineData(nameof(StallDirection.ToClient), 41)]
    [InlineData(nameof(StallDirection.ToServer), 49)]
    public async Task Wherever_the_handshake_ends_the_next_one_carries_the_session_on(string way, int length)
    {
        var session = _client.Session.SessionId;
        await _client.CreateAsync("/ephemeral", default, CreateMode.Ephemeral);
        for (var cut = 0; cut < length; cut++)
        {
            var ended = _proxy.EndAfter(Enum.Parse<StallDirection>(way), cut, cut % 2 == 0 ? ProxyEnd.Close : ProxyEnd.Reset);
            await _proxy.CutAllAsync();
            await ended.WaitAsync(ClientSuite.Patience, TimeProvider.System);
            await _client.SetDataAsync("/ephemeral", default).AsTask().WaitAsync(ClientSuite.Patience, TimeProvider.System);
            Assert.Equal((session, 1), (_client.Session.SessionId, _client.Session.Epoch));
        }

        Assert.Equal(session, (await _direct.ExistsAsync("/ephemeral"))?.EphemeralOwner);
    }

    private async Task<long> MeasureAsync(StallDirection direction)
    {
        var before = Count();
        var attempt = Attempt.Begin(_client, "/measure", [1, 2, 3]);
        await attempt.EndAsync();
        Assert.Equal(5, attempt.Acknowledged);
        return Count() - before;

        long Count() => direction == StallDirection.ToClient ? _proxy.BytesToClient : _proxy.BytesToServer;
    }

    /// <summary>A few operations under way at once, none of which hangs on another's outcome being known.</summary>
    private sealed class Attempt
    {
        private readonly string _path;
        private readonly byte[] _data;
        private readonly Task<string> _create;
        private readonly Task<Stat> _set;
        private readonly Task<NodeData> _read;
        private readonly Task<IReadOnlyList<ZooKeeperOpResult>> _multi;
        private readonly Task _delete;

        private Attempt(ZooKeeperClient client, string path, byte[] data)
        {
            (_path, _data) = (path, data);
            _create = client.CreateAsync(path, default).AsTask();
            _set = client.SetDataAsync(path, data).AsTask();
            _read = client.GetDataAsync(path).AsTask();
            _multi = client.MultiAsync([ZooKeeperOp.Create($"{path}-a", default), ZooKeeperOp.Create($"{path}-b", default)]).AsTask();
            _delete = client.DeleteAsync($"{path}-a").AsTask();
        }

        private Task[] All => [_create, _set, _read, _multi, _delete];

        public int Acknowledged => All.Count(task => task.IsCompletedSuccessfully);

        public int Open => All.Count(IsOpen);

        public static Attempt Begin(ZooKeeperClient client, string path, byte[] data) => new(client, path, data);

        public Task EndAsync() => Task.WhenAll(All).WaitAsync(ClientSuite.Patience, TimeProvider.System).ContinueWith(
            task => Assert.True(All.All(t => t.IsCompleted), "An operation was never answered."), TaskScheduler.Default);

        /// <summary>What was acknowledged is there, and what was not sent is not.</summary>
        public async Task AssertTrueAsync(ZooKeeperClient other)
        {
            var node = await other.ExistsAsync(_path);
            AssertTrue(_create, node is not null);
            AssertTrue(_set, node?.Version == 1);
            AssertTrue(_multi, await other.ExistsAsync($"{_path}-b") is not null);
            AssertTrue(_delete, await other.ExistsAsync($"{_path}-a") is null && await other.ExistsAsync($"{_path}-b") is not null);

            // A read is asked again on the next connection; a write of unknown outcome before it may have been done or not.
            if (_read.IsCompletedSuccessfully && !(IsOpen(_set) && _read.Result.Data.Length == 0))
            {
                Assert.Equal(_data, _read.Result.Data);
            }
        }

        private void AssertTrue(Task operation, bool isDone)
        {
            var expected = operation.IsCompletedSuccessfully ? true : IsOpen(operation) ? isDone : false;
            Assert.True(expected == isDone, $"{_path}: an operation that ended as {operation.Exception?.InnerException?.Message ?? "acknowledged"} was {(isDone ? "" : "not ")}done.");
        }

        private static bool IsOpen(Task task) => task.Exception?.InnerException is ZooKeeperException { Outcome: OperationOutcome.Unknown };
    }
}
