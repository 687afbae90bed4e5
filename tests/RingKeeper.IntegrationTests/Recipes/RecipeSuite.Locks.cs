using RingKeeper.IntegrationTests.Client;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Recipes;

public abstract partial class RecipeSuite
{
    [Fact]
    public async Task A_lock_goes_from_one_to_the_next_in_order_and_tokens_grow()
    {
        await using var one = await ConnectAsync();
        await using var two = await ConnectAsync();
        var path = NewPath("lock");
        var first = await new DistributedLock(one, path).AcquireAsync(Soon);
        Assert.True(first.IsHeld);
        Assert.InRange(first.SafeFor, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4));
        var second = new DistributedLock(two, path).AcquireAsync(Soon);
        await WhenChildrenAsync(one, path, 2);
        var third = new DistributedLock(one, path).AcquireAsync(Soon);
        await WhenChildrenAsync(one, path, 3);
        Assert.False(second.IsCompleted);
        Assert.Null(await new DistributedLock(two, path).TryAcquireAsync(Soon));

        await first.DisposeAsync();
        Assert.True(first.LostToken.IsCancellationRequested);
        Assert.Equal(TenureEnd.Released, first.End);
        await using var held = await second.WaitAsync(Patience);
        Assert.True(held.FencingToken > first.FencingToken);
        Assert.False(third.IsCompleted);
        await held.DisposeAsync();
        await using var last = await third.WaitAsync(Patience);
        Assert.True(last.FencingToken > held.FencingToken);
    }

    [Fact]
    public async Task Many_contenders_hold_a_lock_one_at_a_time()
    {
        await using var one = await ConnectAsync();
        await using var two = await ConnectAsync();
        var path = NewPath("lock");
        var (holders, most, turns) = (0, 0, 0);
        async Task ContendAsync(ZooKeeperClient client)
        {
            for (var i = 0; i < 5; i++)
            {
                await using var held = await new DistributedLock(client, path).AcquireAsync(Soon);
                most = Math.Max(most, Interlocked.Increment(ref holders));
                await held.FencedMultiAsync([ZooKeeperOp.SetData(path, Bytes($"{i}"))], Soon);
                Interlocked.Increment(ref turns);
                Interlocked.Decrement(ref holders);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => ContendAsync(i % 2 == 0 ? one : two)));

        Assert.Equal((1, 40), (most, turns));
        Assert.Empty((await one.GetChildrenAsync(path)).Names);
    }

    [Fact]
    public async Task Giving_up_the_wait_for_a_lock_gives_up_the_place_in_line()
    {
        await using var one = await ConnectAsync();
        await using var two = await ConnectAsync();
        var path = NewPath("lock");
        await using var held = await new DistributedLock(one, path).AcquireAsync(Soon);
        using var impatience = new CancellationTokenSource();
        var waiting = new DistributedLock(two, path).AcquireAsync(impatience.Token);
        await WhenChildrenAsync(one, path, 2);

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience));
        await WhenChildrenAsync(one, path, 1);
        Assert.Null(await new DistributedLock(two, path).TryAcquireAsync(TimeSpan.FromMilliseconds(200), Soon));
        await WhenChildrenAsync(one, path, 1);
        Assert.True(held.IsHeld);
    }

    [Fact]
    public async Task A_lock_whose_znode_is_deleted_by_another_hand_is_lost_at_once_and_writes_no_more()
    {
        await using var client = await ConnectAsync();
        await using var other = await ConnectAsync();
        var path = NewPath("lock");
        await using var held = await new DistributedLock(client, path).AcquireAsync(Soon);
        await other.DeleteAsync(held.Path);

        await WhenCancelledAsync(held.LostToken);
        Assert.Equal(TenureEnd.NodeDeleted, held.End);
        Assert.Equal(TimeSpan.Zero, held.SafeFor);
        var refusal = await Assert.ThrowsAsync<TenureLostException>(() => held.FencedMultiAsync([ZooKeeperOp.SetData(path, Bytes("late"))], Soon).AsTask());
        Assert.Equal(TenureEnd.NodeDeleted, refusal.End);
        Assert.Equal("", Text((await other.GetDataAsync(path)).Data));
    }

    [Fact]
    public async Task A_place_in_line_that_another_hand_deletes_is_taken_anew()
    {
        await using var one = await ConnectAsync();
        await using var two = await ConnectAsync();
        var path = NewPath("lock");
        var held = await new DistributedLock(one, path).AcquireAsync(Soon);
        var waiting = new DistributedLock(two, path).AcquireAsync(Soon);
        var names = await WhenChildrenAsync(one, path, 2);
        var place = names.Single(n => !held.Path.EndsWith(n, StringComparison.Ordinal));
        await one.DeleteAsync($"{path}/{place}");
        await WhenGoneAsync(one, $"{path}/{place}");
        await WhenChildrenAsync(one, path, 2);
        Assert.False(waiting.IsCompleted);

        await held.DisposeAsync();
        await using var next = await waiting.WaitAsync(Patience);
        Assert.DoesNotContain(place, next.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_predecessor_that_goes_without_having_led_leaves_the_holder_alone()
    {
        await using var one = await ConnectAsync();
        await using var two = await ConnectAsync();
        await using var three = await ConnectAsync();
        var path = NewPath("lock");
        var held = await new DistributedLock(one, path).AcquireAsync(Soon);
        using var impatience = new CancellationTokenSource();
        var second = new DistributedLock(two, path).AcquireAsync(impatience.Token);
        await WhenChildrenAsync(one, path, 2);
        var third = new DistributedLock(three, path).AcquireAsync(Soon);
        await WhenChildrenAsync(one, path, 3);
        await impatience.CancelAsync();
        await WhenChildrenAsync(one, path, 2);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await three.SyncAsync(path);
        Assert.False(third.IsCompleted);

        await held.DisposeAsync();
        await using var next = await third.WaitAsync(Patience);
        Assert.True(next.IsHeld);
    }

    [Fact]
    public async Task A_line_whose_parent_is_deleted_is_entered_anew()
    {
        await using var one = await ConnectAsync();
        await using var two = await ConnectAsync();
        var path = NewPath("lock");
        await using var held = await new DistributedLock(one, path).AcquireAsync(Soon);
        var waiting = new DistributedLock(two, path).AcquireAsync(Soon);
        var names = await WhenChildrenAsync(one, path, 2);
        await one.MultiAsync([.. names.Select(n => ZooKeeperOp.Delete($"{path}/{n}")), ZooKeeperOp.Delete(path)]);

        await WhenCancelledAsync(held.LostToken);
        await using var next = await waiting.WaitAsync(Patience);
        Assert.True(next.FencingToken > held.FencingToken);
    }

    [Fact]
    public async Task A_short_loss_of_the_connection_neither_loses_a_lock_nor_a_place_in_line()
    {
        await using var proxy = TcpProxy.Start(server.Port);
        await using var one = await ConnectAsync(proxy);
        await using var two = await ConnectAsync(proxy);
        await using var outside = await ConnectAsync();
        var path = NewPath("lock");
        var held = await new DistributedLock(one, path).AcquireAsync(Soon);
        var waiting = new DistributedLock(two, path).AcquireAsync(Soon);
        var names = await WhenChildrenAsync(outside, path, 2);

        await using var sessionOfOne = new SessionReader(one);
        await using var sessionOfTwo = new SessionReader(two);
        await proxy.CutAllAsync();
        foreach (var session in new[] { sessionOfOne, sessionOfTwo })
        {
            await session.UntilAsync(SessionState.Suspended);
            await session.UntilAsync(SessionState.Connected);
        }

        await held.FencedMultiAsync([ZooKeeperOp.SetData(path, Bytes("held"))], Soon);

        Assert.True(held.IsHeld);
        Assert.False(waiting.IsCompleted);
        Assert.Equal(names.Order(), (await outside.GetChildrenAsync(path)).Names.Order());
        await held.DisposeAsync();
        await using var next = await waiting.WaitAsync(Patience);
        Assert.True(next.IsHeld);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    [Trait("Run", "Alone")]
    public async Task A_holder_that_is_cut_off_has_lost_the_lock_before_another_has_it()
    {
        await using var proxy = TcpProxy.Start(server.Port);
        await using var cutOff = await ConnectAsync(proxy, TimeSpan.FromSeconds(1));
        await using var other = await ConnectAsync();
        var path = NewPath("lock");
        await using var held = await new DistributedLock(cutOff, path).AcquireAsync(Soon);
        var lostAt = 0L;
        await using var registration = held.LostToken.Register(() => lostAt = TimeProvider.System.GetTimestamp());
        var waiting = new DistributedLock(other, path).AcquireAsync(Soon);
        await WhenChildrenAsync(other, path, 2);
        proxy.Stall();

        await using var next = await waiting.WaitAsync(Patience);
        var heldAt = TimeProvider.System.GetTimestamp();
        Assert.True(held.LostToken.IsCancellationRequested);
        Assert.Equal(TenureEnd.LeaseRanOut, held.End);
        Assert.InRange(lostAt, 1, heldAt);
        Assert.True(next.FencingToken > held.FencingToken);

        // What it sends on its return changes nothing.
        proxy.Resume();
        await Assert.ThrowsAsync<TenureLostException>(() => held.FencedMultiAsync([ZooKeeperOp.SetData(path, Bytes("late"))], Soon).AsTask());
    }

    [Fact]
    [Trait("Speed", "Slow")]
    [Trait("Run", "Alone")]
    public async Task A_lock_outlives_many_session_timeouts_and_goes_with_its_session()
    {
        await using var proxy = TcpProxy.Start(server.Port);
        await using var client = await ConnectAsync(proxy, TimeSpan.FromSeconds(2));
        await using var other = await ConnectAsync();
        var path = NewPath("lock");
        await using var held = await new DistributedLock(client, path).AcquireAsync(Soon);
        await Assert.ThrowsAsync<TimeoutException>(() => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, held.LostToken).WaitAsync(TimeSpan.FromSeconds(4)));
        Assert.True(held.IsHeld);

        await ExpireAsync(proxy, other, held.Path);
        await WhenCancelledAsync(held.LostToken);
        await using var again = await new DistributedLock(client, path).AcquireAsync(Soon);
        Assert.True(again.FencingToken > held.FencingToken);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_wait_goes_on_in_the_next_session()
    {
        await using var proxy = TcpProxy.Start(server.Port);
        await using var client = await ConnectAsync(proxy, TimeSpan.FromSeconds(1));
        await using var other = await ConnectAsync();
        var path = NewPath("lock");
        var held = await new DistributedLock(other, path).AcquireAsync(Soon);
        var waiting = new DistributedLock(client, path).AcquireAsync(Soon);
        var names = await WhenChildrenAsync(other, path, 2);
        var place = names.Single(n => !held.Path.EndsWith(n, StringComparison.Ordinal));
        await ExpireAsync(proxy, other, $"{path}/{place}");
        await WhenChildrenAsync(other, path, 2);

        await held.DisposeAsync();
        await using var next = await waiting.WaitAsync(Patience);
        Assert.Equal(client.Session.SessionId, (await other.ExistsAsync(next.Path))!.Value.EphemeralOwner);
    }

    [Fact]
    public async Task Closing_the_client_loses_the_lock()
    {
        var client = await ConnectAsync();
        var held = await new DistributedLock(client, NewPath("lock")).AcquireAsync(Soon);
        await client.DisposeAsync();
        await WhenCancelledAsync(held.LostToken);

        // The server may tell of the deletion before it closes the connection.
        Assert.Contains(held.End, new[] { TenureEnd.SessionLost, TenureEnd.NodeDeleted });
        await held.DisposeAsync();
    }

    [Fact]
    public async Task A_refused_operation_of_a_fenced_multi_is_named_by_its_own_place()
    {
        await using var client = await ConnectAsync();
        var path = NewPath("lock");
        await using var held = await new DistributedLock(client, path).AcquireAsync(Soon);
        var refusal = await Assert.ThrowsAsync<ZooKeeperMultiException>(
            () => held.FencedMultiAsync([ZooKeeperOp.SetData(path, default), ZooKeeperOp.Delete(path + "/none")], Soon).AsTask());

        Assert.Equal((1, ZooKeeperErrorCode.NoNode), (refusal.FailedIndex, refusal.Code));
        Assert.True(held.IsHeld);
    }
}
