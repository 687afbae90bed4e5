using Microsoft.Extensions.Logging.Abstractions;
using RingKeeper.Tests.Coordination;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Session;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

/// <summary>The lease in virtual time. The session timeout T is 4 s and the margin T/20, so a touch is good for 3.8 s.</summary>
public sealed class SessionLeaseTests
{
    private const string Path = "/line/own";
    private const double Margin = 0.05;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(4) * 0.28;

    private readonly StepClock _time = new();
    private readonly MemoryZooKeeper _zooKeeper;
    private readonly MemorySession _session;
    private readonly TouchLog _touches;
    private bool _fails;

    public SessionLeaseTests()
    {
        _zooKeeper = new MemoryZooKeeper(_time);
        _session = _zooKeeper.Connect();
        _touches = new TouchLog(_time, TimeSpan.FromSeconds(4));
        _ = _session.CreateAsync("/line", default);
        _ = _session.CreateAsync(Path, default, CreateMode.Persistent);
        _time.Advance(TimeSpan.FromSeconds(100));
        _session.Before = (what, path) =>
        {
            if (_fails)
            {
                throw new ZooKeeperException(ZooKeeperErrorCode.ConnectionLoss, path, OperationOutcome.Unknown);
            }

            _touches.Note(Now, Now);
        };
    }

    [Fact]
    public async Task A_lease_lasts_one_timeout_from_an_earlier_touch_and_not_from_the_last_write()
    {
        _touches.Open(Now);
        _time.Advance(TimeSpan.FromSeconds(1));
        await using var lease = await BeginAsync();
        Assert.Equal(TimeSpan.FromSeconds(2.8), lease!.SafeFor);
    }

    [Fact]
    public async Task A_touch_that_may_not_have_reached_the_leader_before_the_write_does_not_count()
    {
        _touches.Note(Now, Now);
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Null(await BeginAsync());
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await using var lease = await BeginAsync();
        Assert.Equal(2.7, lease!.SafeFor.TotalSeconds, precision: 3);
    }

    [Fact]
    public async Task A_touch_that_was_held_up_on_the_way_does_not_count_from_when_it_was_sent()
    {
        var sent = Now;
        _time.Advance(TimeSpan.FromSeconds(1.1));
        _touches.Note(sent, Now);
        Assert.Null(await BeginAsync());
    }

    [Fact]
    public async Task A_touch_of_too_long_ago_gives_no_lease()
    {
        _touches.Open(Now);
        _time.Advance(TimeSpan.FromSeconds(3.9));
        Assert.Null(await BeginAsync());
    }

    [Fact]
    public async Task Writes_carry_the_lease_on_each_from_the_one_before()
    {
        await using var lease = await BeginOpenAsync();
        var renewedAt = Now;
        for (var i = 0; i < 20; i++)
        {
            _time.Advance(Interval);
            await _time.WaitBegunAsync(Interval);
            Assert.Equal(renewedAt + Ticks(3.8), lease.SafeUntil);
            renewedAt = Now;
        }

        Assert.Equal(TenureEnd.None, lease.End);
    }

    [Fact]
    public async Task A_lease_that_is_not_renewed_ends_before_its_session_can()
    {
        await using var lease = await BeginOpenAsync();
        _fails = true;
        _time.Advance(TimeSpan.FromSeconds(3.79));
        Assert.Equal(TenureEnd.None, lease.End);
        Assert.False(lease.LostToken.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(0.01));
        Assert.True(lease.LostToken.IsCancellationRequested);
        Assert.Equal(TenureEnd.LeaseRanOut, lease.End);
    }

    [Fact]
    public async Task Answered_pings_alone_carry_no_lease_on()
    {
        await using var lease = await BeginOpenAsync();
        _fails = true;
        for (var i = 0; i < 38; i++)
        {
            _touches.Note(Now, Now);
            _time.Advance(TimeSpan.FromSeconds(0.1));
        }

        Assert.True(lease.LostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task A_loss_of_the_connection_that_is_short_enough_does_not_end_it()
    {
        await using var lease = await BeginOpenAsync();
        _session.Suspend();
        lease.Wake();
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TenureEnd.None, lease.End);

        _session.Reconnect();
        _touches.Open(Now);
        lease.Wake();
        await _time.WaitBegunAsync(Interval);
        Assert.Equal(Now + Ticks(3.8), lease.SafeUntil);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(lease.LostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task A_connection_that_returns_too_late_does_not_bring_it_back()
    {
        await using var lease = await BeginOpenAsync();
        _session.Suspend();
        _time.Advance(TimeSpan.FromSeconds(3.8));
        _session.Reconnect();
        _touches.Open(Now);
        lease.Wake();
        Assert.Equal((TenureEnd.LeaseRanOut, TimeSpan.Zero), (lease.End, lease.SafeFor));
    }

    [Fact]
    public async Task The_deletion_of_the_own_node_ends_it_at_once()
    {
        await using var lease = await BeginOpenAsync();
        await _zooKeeper.Connect().DeleteAsync(Path);
        Assert.True(lease.LostToken.IsCancellationRequested);
        Assert.Equal(TenureEnd.NodeDeleted, lease.End);
    }

    [Fact]
    public async Task A_write_that_finds_the_own_node_gone_ends_it_though_no_watch_told()
    {
        await using var lease = await BeginOpenAsync();
        _session.IsDeaf = true;
        await _zooKeeper.Connect().DeleteAsync(Path);
        Assert.Equal(TenureEnd.None, lease.End);
        var lost = WhenLostAsync(lease);
        _time.Advance(Interval);
        await lost;
        Assert.Equal(TenureEnd.NodeDeleted, lease.End);
    }

    [Fact]
    public async Task A_new_session_ends_it_at_once()
    {
        await using var lease = await BeginOpenAsync();
        var lost = WhenLostAsync(lease);
        _session.Expire();
        lease.Wake();
        await lost;
        Assert.Equal(TenureEnd.SessionLost, lease.End);
    }

    private long Now => _time.GetTimestamp();

    private long Ticks(double seconds) => (long)(seconds * _time.TimestampFrequency);

    private static async Task WhenLostAsync(SessionLease lease)
    {
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lease.LostToken.Register(lost.SetResult);
        await lost.Task.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, CancellationToken.None);
    }

    private async Task<SessionLease> BeginOpenAsync()
    {
        _touches.Open(Now);
        var lease = await BeginAsync();
        await _time.WaitBegunAsync(Interval);
        return lease!;
    }

    private async Task<SessionLease?> BeginAsync() => await SessionLease.TryBeginAsync(
        _session, _session.Session, Path, await OwnAsync(), (_, at) => _touches.Before(at), Margin, _time, NullLogger.Instance, CancellationToken.None);

    private async Task<WatchedResult<NodeChildren>> OwnAsync()
    {
        // Its own reading is not the touch under test.
        var before = _session.Before;
        _session.Before = static (_, _) => { };
        var own = await _session.GetChildrenAndWatchAsync(Path);
        _session.Before = before;
        return own;
    }
}
