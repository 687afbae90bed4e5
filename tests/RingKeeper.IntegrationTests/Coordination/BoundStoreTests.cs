using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>What is bound to one connection of one session never goes out on another.</summary>
public sealed class BoundStoreTests : IAsyncLifetime
{
    private EmbeddedZooKeeperServer _server = null!;
    private ZooKeeperClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedZooKeeperServer.StartAsync();
        _client = await ZooKeeperClient.ConnectAsync(_server.ConnectString, Cancel.Soon);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Nothing_asked_for_under_a_session_is_done_under_the_next_one()
    {
        for (var round = 0; round < 30; round++)
        {
            var session = _client.Session;
            var bound = ((IZNodeStore)_client).BoundTo(session);
            var writing = WriteUntilRefusedAsync(bound);
            await _server.ExpireSessionAsync(session.SessionId);
            await WhenAsync(s => s.State == SessionState.Connected && s.Epoch > session.Epoch);
            var refusal = await writing;

            Assert.True(refusal.Code is ZooKeeperErrorCode.SessionExpired or ZooKeeperErrorCode.ConnectionLoss, refusal.Message);
            foreach (var node in (await _client.GetChildrenAsync("/", Cancel.Soon)).Names.Where(n => n.StartsWith("e_", StringComparison.Ordinal)))
            {
                Assert.Null(await _client.ExistsAsync($"/{node}", Cancel.Soon));
            }
        }
    }

    [Fact]
    public async Task A_session_that_is_continued_takes_new_requests_and_none_from_before()
    {
        var session = _client.Session;
        var bound = ((IZNodeStore)_client).BoundTo(session);
        await bound.CreateAsync("/a", default, cancellationToken: Cancel.Soon);
        await _server.DropConnectionAsync(session.SessionId);
        await WhenAsync(s => s.State == SessionState.Connected && !session.Lasts(s));
        Assert.Equal(session.Epoch, _client.Session.Epoch);

        var refusal = await Assert.ThrowsAsync<ZooKeeperException>(() => bound.SetDataAsync("/a", "late"u8.ToArray(), cancellationToken: Cancel.Soon));
        Assert.Equal((ZooKeeperErrorCode.ConnectionLoss, OperationOutcome.NotSent), (refusal.Code, refusal.Outcome));
        await Assert.ThrowsAsync<ZooKeeperException>(() => bound.WatchAsync("/a", WatchMode.Persistent, static _ => { }, Cancel.Soon));
        await Assert.ThrowsAsync<ZooKeeperException>(() => bound.MultiAsync([ZooKeeperOp.Delete("/a")], Cancel.Soon));
        Assert.Equal(0, (await ((IZNodeStore)_client).BoundTo(_client.Session).ExistsAsync("/a", Cancel.Soon))!.Value.Version);
    }

    [Fact]
    public async Task Without_a_connection_what_is_bound_is_refused_at_once_and_does_not_wait_for_one()
    {
        var bound = ((IZNodeStore)_client).BoundTo(_client.Session);
        await _server.StopAsync();
        await WhenAsync(s => s.State == SessionState.Suspended);

        var refusal = await Assert.ThrowsAsync<ZooKeeperException>(() => bound.ExistsAsync("/", CancellationToken.None)).WaitAsync(Cancel.Soon);
        Assert.Equal(OperationOutcome.NotSent, refusal.Outcome);
    }

    private static async Task<ZooKeeperException> WriteUntilRefusedAsync(IZNodeStore bound)
    {
        while (true)
        {
            try
            {
                await bound.CreateAsync("/e_", default, CreateMode.EphemeralSequential, cancellationToken: Cancel.Soon);
            }
            catch (ZooKeeperException e)
            {
                return e;
            }
        }
    }

    private async Task WhenAsync(Predicate<SessionSnapshot> isAsWanted)
    {
        await foreach (var session in _client.WatchSessionAsync(Cancel.Soon))
        {
            if (isAsWanted(session))
            {
                return;
            }
        }
    }
}
