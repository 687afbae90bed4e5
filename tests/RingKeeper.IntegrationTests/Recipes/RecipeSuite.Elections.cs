using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Recipes;

public abstract partial class RecipeSuite
{
    [Fact]
    public async Task One_leads_the_others_follow_in_order_and_everybody_can_see_it()
    {
        await using var one = await ConnectAsync();
        await using var two = await ConnectAsync();
        await using var watcher = await ConnectAsync();
        var path = NewPath("election");
        await using var leaders = new LeaderElection(watcher, path).WatchLeaderAsync(Soon).GetAsyncEnumerator();
        Assert.True(await leaders.MoveNextAsync());
        Assert.Null(leaders.Current);

        var first = await new LeaderElection(one, path, new TenureOptions { Data = Bytes("one") }).LeadAsync(Soon);
        var waiting = new LeaderElection(two, path, new TenureOptions { Data = Bytes("two") }).LeadAsync(Soon);
        await WhenChildrenAsync(watcher, path, 2);
        var participants = await new LeaderElection(watcher, path).GetParticipantsAsync(Soon);
        Assert.Equal(["one", "two"], participants.Select(p => Text(p.Data)));
        Assert.Equal((one.Session.SessionId, first.FencingToken, first.Path), (participants[0].SessionId, participants[0].FencingToken, participants[0].Path));
        Assert.True(await leaders.MoveNextAsync());
        Assert.Equal("one", Text(leaders.Current!.Data));

        await first.DisposeAsync();
        await using var second = await waiting.WaitAsync(Patience);
        Assert.True(second.FencingToken > first.FencingToken);
        Assert.True(await leaders.MoveNextAsync());
        Assert.Equal("two", Text(leaders.Current!.Data));
        await second.DisposeAsync();
        Assert.True(await leaders.MoveNextAsync());
        Assert.Null(leaders.Current);
    }

    [Fact]
    public async Task A_run_leads_again_when_it_has_lost_the_lead_and_resigns_when_it_is_ended()
    {
        await using var client = await ConnectAsync();
        await using var other = await ConnectAsync();
        var path = NewPath("election");
        using var ending = new CancellationTokenSource();
        var led = System.Threading.Channels.Channel.CreateUnbounded<Leadership>();
        var running = new LeaderElection(client, path).RunAsync(
            async (leadership, token) =>
            {
                // The client may be awaited in here.
                await leadership.FencedMultiAsync([ZooKeeperOp.SetData(path, Bytes("leads"))], token);
                led.Writer.TryWrite(leadership);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            },
            ending.Token);
        var first = await led.Reader.ReadAsync(Soon);
        await other.DeleteAsync(first.Path);
        var second = await led.Reader.ReadAsync(Soon);
        Assert.True(second.FencingToken > first.FencingToken);

        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Patience));
        await WhenChildrenAsync(other, path, 0);
    }

    [Fact]
    public async Task A_run_ends_with_what_its_work_throws_and_resigns()
    {
        await using var client = await ConnectAsync();
        var path = NewPath("election");
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => new LeaderElection(client, path).RunAsync((_, _) => throw new InvalidOperationException("work"), Soon));
        await WhenChildrenAsync(client, path, 0);
    }

    [Fact]
    public async Task Names_of_others_take_no_part_in_an_election()
    {
        await using var client = await ConnectAsync();
        var path = NewPath("election");
        await client.CreateAsync(path, default);
        await client.CreateAsync($"{path}/a_0000000000", default);
        await client.CreateAsync($"{path}/notes", default);
        await using var leads = await new LeaderElection(client, path).LeadAsync(Soon);
        Assert.Single(await new LeaderElection(client, path).GetParticipantsAsync(Soon));
    }
}
