using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Recipes;

public abstract partial class RecipeSuite
{
    [Fact]
    public async Task An_ephemeral_node_is_kept_up_changed_and_given_back()
    {
        await using var client = await ConnectAsync();
        await using var other = await ConnectAsync();
        var path = $"{NewPath("group")}/members/one";
        var node = await EphemeralNode.CreateAsync(client, path, Bytes("first"), cancellationToken: Soon);
        Assert.True(node.IsPresent);
        var stat = await other.GetDataAsync(path);
        Assert.Equal(("first", client.Session.SessionId), (Text(stat.Data), stat.Stat.EphemeralOwner));

        await node.SetDataAsync(Bytes("second"), Soon);
        Assert.Equal("second", Text((await other.GetDataAsync(path)).Data));

        // Deleted, or overwritten, by another hand.
        await other.DeleteAsync(path);
        await WhenDataAsync(other, path, "second");
        await other.SetDataAsync(path, Bytes("foreign"));
        await WhenDataAsync(other, path, "second");

        await node.DisposeAsync();
        Assert.Null(await other.ExistsAsync(path));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => node.WhenPresentAsync());
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task An_ephemeral_node_is_made_again_in_the_next_session()
    {
        await using var proxy = TcpProxy.Start(server.Port);
        await using var client = await ConnectAsync(proxy, TimeSpan.FromSeconds(1));
        await using var other = await ConnectAsync();
        var path = NewPath("member");
        await using var node = await EphemeralNode.CreateAsync(client, path, Bytes("here"), cancellationToken: Soon);
        var before = client.Session.SessionId;
        await ExpireAsync(proxy, other, path);

        await WhenDataAsync(other, path, "here");
        await node.WhenPresentAsync(Soon);
        Assert.NotEqual(before, (await other.ExistsAsync(path))!.Value.EphemeralOwner);
    }

    [Fact]
    public async Task An_ephemeral_node_of_another_session_is_waited_for_and_left_alone()
    {
        var predecessor = await ConnectAsync();
        await using var client = await ConnectAsync();
        var path = NewPath("member");
        await predecessor.CreateAsync(path, Bytes("old"), CreateMode.Ephemeral);
        var making = EphemeralNode.CreateAsync(client, path, Bytes("new"), cancellationToken: Soon);
        await client.SyncAsync(path);
        Assert.Equal("old", Text((await client.GetDataAsync(path)).Data));
        Assert.False(making.IsCompleted);

        await predecessor.DisposeAsync();
        await using var node = await making.WaitAsync(Patience);
        Assert.Equal("new", Text((await client.GetDataAsync(path)).Data));
    }

    [Fact]
    public async Task Giving_back_an_ephemeral_node_does_not_wait_for_a_connection_that_is_lost_meanwhile()
    {
        var swallowing = new SwallowingTransport();
        await using var proxy = TcpProxy.Start(server.Port);
        await using var client = await ZooKeeperClient.ConnectAsync(Options with { ConnectString = proxy.Addr, Transport = swallowing }, Soon);
        await using var other = await ConnectAsync();
        var path = NewPath("member");
        var node = await EphemeralNode.CreateAsync(client, path, cancellationToken: Soon);
        var swallowed = swallowing.Swallow();
        var disposing = node.DisposeAsync().AsTask();
        await swallowed.WaitAsync(Patience);
        proxy.Refuse = true;
        swallowing.Cut();
        await disposing.WaitAsync(Patience);

        proxy.Refuse = false;
        await WhenGoneAsync(other, path);
    }

    [Fact]
    public async Task A_persistent_node_in_the_place_of_an_ephemeral_one_is_an_error_that_names_it()
    {
        await using var client = await ConnectAsync();
        var path = NewPath("member");
        await client.CreateAsync(path, Bytes("stays"));
        var refusal = await Assert.ThrowsAsync<ZooKeeperException>(() => EphemeralNode.CreateAsync(client, path, cancellationToken: Soon));
        Assert.Equal((ZooKeeperErrorCode.NodeExists, path), (refusal.Code, refusal.Path));
        Assert.NotNull(await client.ExistsAsync(path));
    }

    [Fact]
    public async Task A_protected_node_is_found_again_when_the_answer_to_its_creation_is_lost()
    {
        await using var proxy = TcpProxy.Start(server.Port);
        await using var client = await ConnectAsync(proxy);
        await using var other = await ConnectAsync();
        var parent = NewPath("protected");
        await other.CreateAsync(parent, default);
        var creating = await LoseAnswerAsync(proxy, () => client.CreateProtectedAsync($"{parent}/x-", Bytes("mine"), cancellationToken: Soon).AsTask(), () => WhenChildrenAsync(other, parent, 1));

        var path = await creating.WaitAsync(Patience);
        Assert.Equal([path], (await other.GetChildrenAsync(parent)).Names.Select(n => $"{parent}/{n}"));
        Assert.Equal(client.Session.SessionId, (await other.ExistsAsync(path))!.Value.EphemeralOwner);
    }

    [Fact]
    public async Task A_lock_is_taken_once_though_the_answer_to_its_creation_is_lost()
    {
        await using var proxy = TcpProxy.Start(server.Port);
        await using var client = await ConnectAsync(proxy);
        await using var other = await ConnectAsync();
        var path = NewPath("lock");
        await other.CreateAsync(path, default);
        var acquiring = await LoseAnswerAsync(proxy, () => new DistributedLock(client, path).AcquireAsync(Soon), () => WhenChildrenAsync(other, path, 1));

        await using var held = await acquiring.WaitAsync(Patience);
        Assert.True(held.IsHeld);
        Assert.Single((await other.GetChildrenAsync(path)).Names);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_protected_node_of_a_session_that_is_gone_is_not_taken_for_one_of_this()
    {
        await using var proxy = TcpProxy.Start(server.Port);
        await using var client = await ConnectAsync(proxy, TimeSpan.FromSeconds(1));
        await using var other = await ConnectAsync();
        var parent = NewPath("protected");
        await other.CreateAsync(parent, default);
        proxy.Stall(StallDirection.ToClient);
        var creating = client.CreateProtectedAsync($"{parent}/x-", default, cancellationToken: Soon).AsTask();
        var name = (await WhenChildrenAsync(other, parent, 1))[0];
        proxy.Refuse = true;
        await proxy.CutAllAsync();
        await WhenGoneAsync(other, $"{parent}/{name}");
        proxy.Refuse = false;
        proxy.Resume();

        var failure = await Assert.ThrowsAsync<ZooKeeperException>(() => creating.WaitAsync(Patience));
        Assert.Equal(OperationOutcome.NotSent, failure.Outcome);
        await WhenChildrenAsync(other, parent, 0);
    }

    [Fact]
    public async Task A_protected_node_whose_request_was_lost_is_reported_as_not_there()
    {
        var swallowing = new SwallowingTransport();
        await using var client = await ZooKeeperClient.ConnectAsync(Options with { Transport = swallowing }, Soon);
        var parent = NewPath("protected");
        await client.CreateAsync(parent, default);
        var failure = await Assert.ThrowsAsync<ZooKeeperException>(() => LoseRequestAsync(swallowing, () => client.CreateProtectedAsync($"{parent}/x-", default, cancellationToken: Soon).AsTask()));
        Assert.Equal(OperationOutcome.NotSent, failure.Outcome);
        await client.CreateProtectedAsync($"{parent}/x-", default, cancellationToken: Soon);
        Assert.Single((await client.GetChildrenAsync(parent)).Names);
    }

    [Fact]
    public async Task A_change_of_data_whose_answer_is_lost_is_found_applied_or_not_or_overtaken()
    {
        await using var proxy = TcpProxy.Start(server.Port);
        await using var client = await ConnectAsync(proxy);
        await using var other = await ConnectAsync();
        var path = NewPath("data");
        await other.CreateAsync(path, Bytes("0"));

        var read = (await client.GetDataAsync(path)).Stat;
        var applied = await LoseAnswerAsync(proxy, () => client.SetDataVerifiedAsync(path, Bytes("1"), read, Soon).AsTask(), () => WhenDataAsync(other, path, "1"));
        var verdict = await applied.WaitAsync(Patience);
        Assert.Equal((WriteVerdict.Applied, 1), (verdict.Verdict, verdict.Stat!.Value.Version));

        read = verdict.Stat.Value;
        var swallowing = new SwallowingTransport();
        await using var unheard = await ZooKeeperClient.ConnectAsync(Options with { Transport = swallowing }, Soon);
        Assert.Equal(WriteVerdict.NotApplied, (await LoseRequestAsync(swallowing, () => unheard.SetDataVerifiedAsync(path, Bytes("2"), read, Soon).AsTask())).Verdict);
        Assert.Equal("1", Text((await other.GetDataAsync(path)).Data));

        read = (await client.GetDataAsync(path)).Stat;
        var overtaken = await LoseAnswerAsync(proxy, () => client.SetDataVerifiedAsync(path, Bytes("3"), read, Soon).AsTask(), async () =>
        {
            await WhenDataAsync(other, path, "3");
            await other.SetDataAsync(path, Bytes("4"));
        });
        Assert.Equal(WriteVerdict.Overtaken, (await overtaken.WaitAsync(Patience)).Verdict);
    }

    [Fact]
    public async Task A_multi_whose_answer_is_lost_is_known_by_its_marker()
    {
        await using var proxy = TcpProxy.Start(server.Port);
        await using var client = await ConnectAsync(proxy);
        await using var other = await ConnectAsync();
        var (path, markers) = (NewPath("data"), NewPath("markers"));
        await other.CreateAsync(path, default);
        await other.CreateAsync(markers, default);

        var plain = await client.MultiVerifiedAsync([ZooKeeperOp.SetData(path, Bytes("0"))], markers, Soon);
        Assert.Equal((WriteVerdict.Applied, 1), (plain.Verdict, plain.Results.Single().Stat!.Value.Version));
        await WhenChildrenAsync(other, markers, 0);

        var applied = await LoseAnswerAsync(proxy, () => client.MultiVerifiedAsync([ZooKeeperOp.SetData(path, Bytes("1"))], markers, Soon).AsTask(), () => WhenDataAsync(other, path, "1"));
        Assert.Equal(WriteVerdict.Applied, (await applied.WaitAsync(Patience)).Verdict);
        await WhenChildrenAsync(other, markers, 0);

        var swallowing = new SwallowingTransport();
        await using var unheard = await ZooKeeperClient.ConnectAsync(Options with { Transport = swallowing }, Soon);
        Assert.Equal(WriteVerdict.NotApplied, (await LoseRequestAsync(swallowing, () => unheard.MultiVerifiedAsync([ZooKeeperOp.SetData(path, Bytes("2"))], markers, Soon).AsTask())).Verdict);
        Assert.Equal("1", Text((await other.GetDataAsync(path)).Data));
        Assert.Empty((await other.GetChildrenAsync(markers)).Names);

        var refusal = await Assert.ThrowsAsync<ZooKeeperMultiException>(() => client.MultiVerifiedAsync([ZooKeeperOp.Check(path, 99)], markers, Soon).AsTask());
        Assert.Equal(0, refusal.FailedIndex);
    }

    // The server does it and its answer never arrives: what it says is held back until the connection is cut.
    private static async Task<Task<T>> LoseAnswerAsync<T>(TcpProxy proxy, Func<Task<T>> ask, Func<Task> done)
    {
        proxy.Stall(StallDirection.ToClient);
        var asking = ask();
        await done().WaitAsync(Patience);
        await proxy.CutAllAsync();
        proxy.Resume();
        return asking;
    }

    // What was written never arrives.
    private static async Task<T> LoseRequestAsync<T>(SwallowingTransport transport, Func<Task<T>> ask)
    {
        var swallowed = transport.Swallow();
        var asking = ask();
        await swallowed.WaitAsync(Patience);
        transport.Cut();
        return await asking.WaitAsync(Patience);
    }

    private static async Task WhenDataAsync(ZooKeeperClient client, string path, string text)
    {
        while (true)
        {
            var present = await client.ExistsAndWatchAsync(path, Soon);
            if (present.Value is null)
            {
                await present.Changed.WaitAsync(Patience);
                continue;
            }

            try
            {
                var read = await client.GetDataAndWatchAsync(path, Soon);
                if (Text(read.Value.Data) == text)
                {
                    return;
                }

                await read.Changed.WaitAsync(Patience);
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
            {
                // Gone in between; it is looked at again.
            }
        }
    }
}
