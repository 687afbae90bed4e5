using System.Reflection;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Caching;

/// <summary>When misses are filled and writes marked, in virtual time; the servers only note what they are asked.</summary>
public sealed class WarmReturnTests
{
    private const long Died = 50;
    private const long Returned = 90;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly Shard[] Shards = [new("a", "127.0.0.1:1"), new("b", "127.0.0.1:2")];
    private static readonly HashRing Ring = new ZKClusterOptions { RingType = RingTypes.Consistent, RingParams = "4" }.CreateRingBuilder().Build(Shards);
    private static readonly int Home = Ring.GetOwner("k"u8);

    private readonly FakeTimeProvider _time = new();
    private readonly NotingServer _home = NotingServer.Create();
    private readonly NotingServer _heir = NotingServer.Create();
    private readonly ShardRunSlot _heirsRun = new() { Current = new ShardRun("run1") };
    private readonly OwnFormat _format;
    private TimeSpan _unconfirmed;

    public WarmReturnTests()
    {
        _format = new OwnFormat(new VersionedCacheOptions { TimeProvider = _time }, new Nonces(1));
        _heir.Holds(Copy(Died), TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task A_miss_is_filled_for_the_window_and_no_longer()
    {
        var route = Route();
        _time.Advance(Window - TimeSpan.FromTicks(1));
        var filled = await FillAsync(route);
        Assert.Equal((CopyState.Valid, route.ValidSince), (filled.State, filled.Token.Epoch));
        Assert.Equal(2, _home.Scripts.Count);
        Assert.Equal(7000, (long)_home.Scripts[1].Values[1]);

        _time.Advance(TimeSpan.FromTicks(1));
        Assert.NotEqual(CopyState.Valid, (await FillAsync(route)).State);
        Assert.Equal(2, _home.Scripts.Count);
    }

    [Fact]
    public async Task Writes_and_removals_mark_for_twice_the_window_before_they_are_sent()
    {
        var route = Route();
        _time.Advance((2 * Window) - TimeSpan.FromTicks(1));
        await SetAsync(route);
        await _format.RemoveAsync(route, "k");
        Assert.Equal((2, 3), (_heir.Scripts.Count, _home.Scripts.Count));
        Assert.All([.. _heir.Scripts, _home.Scripts[2]], script =>
        {
            Assert.True(CopyHeader.TryRead((byte[])script.Values[0]!, out var mark));
            Assert.Equal((CopyKind.Tombstone, route.ValidSince), (mark.Kind, mark.Epoch));
            Assert.Equal((long)(4 * Window).TotalMilliseconds, (long)script.Values[1]);
        });

        _time.Advance(TimeSpan.FromTicks(1));
        await SetAsync(route);
        await _format.RemoveAsync(route, "k");
        Assert.Equal((2, 5), (_heir.Scripts.Count, _home.Scripts.Count));
    }

    [Fact]
    public async Task A_mark_that_a_later_view_refuses_keeps_the_write_and_the_removal_from_being_sent()
    {
        _heir.Answer = OwnScripts.StaleView;
        Assert.Equal(WriteOutcome.StaleView, (await SetAsync(Route())).Outcome);
        Assert.Equal(WriteOutcome.StaleView, (await _format.CheckAndWriteAsync(Route(), "k", new byte[] { 1 }, CacheExpiry.After(Window), CacheToken.None)).Outcome);
        await Assert.ThrowsAsync<StaleViewException>(async () => await _format.RemoveAsync(Route(), "k"));
        Assert.Empty(_home.Scripts);
    }

    [Fact]
    public async Task A_removal_whose_view_knows_of_no_heir_any_more_leaves_its_mark_at_home()
    {
        foreach (var alive in new[] { false, true })
        {
            _home.Scripts.Clear();
            _heir.Scripts.Clear();
            await _format.RemoveAsync(Route(heir: new ShardStatus(Shards[1 - Home].Addr, alive, Returned + 5)), "k");

            // One that returned since may be the source of somebody who has not heard of it.
            Assert.Equal((alive ? 1 : 0, 2), (_heir.Scripts.Count, _home.Scripts.Count));
            Assert.True(CopyHeader.TryRead((byte[])_home.Scripts[1].Values[0]!, out var mark));
            Assert.Equal((CopyKind.Tombstone, Returned), (mark.Kind, mark.Epoch));
        }
    }

    [Fact]
    public async Task Who_did_not_see_the_return_come_or_has_not_heard_from_ZooKeeper_for_half_of_the_window_fills_nothing_and_marks()
    {
        await AssertNotFilledAsync(Route(sawItCome: false));
        await SetAsync(Route(sawItCome: false));
        _unconfirmed = Window / 2;
        await AssertNotFilledAsync(Route());
        await SetAsync(Route());
        Assert.Equal(2, _heir.Scripts.Count);

        _unconfirmed -= TimeSpan.FromTicks(1);
        Assert.Equal(CopyState.Valid, (await FillAsync(Route())).State);
    }

    [Fact]
    public async Task Without_the_option_nothing_is_filled_and_nothing_marked()
    {
        await AssertNotFilledAsync(Route(window: null));
        await SetAsync(Route(window: null));
        await _format.RemoveAsync(Route(window: null), "k");
        Assert.Equal((0, 2), (_heir.Scripts.Count, _home.Scripts.Count));
    }

    [Theory]
    [InlineData(Died - 1)]
    [InlineData(Returned)]
    public async Task A_copy_that_was_not_valid_under_the_view_before_is_not_taken(long epoch)
    {
        _heir.Holds(Copy(epoch), null);
        Assert.NotEqual(CopyState.Valid, (await FillAsync(Route())).State);
        Assert.Single(_home.Scripts);

        _heir.Holds(Copy(Returned - 1), null);
        Assert.Equal(CopyState.Valid, (await FillAsync(Route())).State);
        Assert.Equal(RedisValue.EmptyString, _home.Scripts[2].Values[1]);
    }

    [Fact]
    public async Task A_mark_on_the_heir_is_not_taken()
    {
        var mark = new byte[CopyHeader.ShortLength];
        new CopyHeader(CopyKind.Tombstone, Died, 1, 1).WriteTo(mark);
        _heir.Holds(mark, null);
        Assert.NotEqual(CopyState.Valid, (await FillAsync(Route())).State);
        Assert.Single(_home.Scripts);
    }

    [Fact]
    public async Task A_copy_that_ended_while_it_was_read_is_not_taken_for_one_without_an_end()
    {
        _heir.Holds(Copy(Died), TimeSpan.FromMilliseconds(1), endsOnceRead: true);
        Assert.NotEqual(CopyState.Valid, (await FillAsync(Route())).State);
        Assert.Single(_home.Scripts);
    }

    [Fact]
    public async Task Another_run_of_the_heir_gives_nothing()
    {
        _heirsRun.Current = new ShardRun("run2");
        Assert.NotEqual(CopyState.Valid, (await FillAsync(Route())).State);
        Assert.Single(_home.Scripts);
    }

    [Fact]
    public async Task Where_no_intent_may_be_left_the_heir_is_not_asked()
    {
        _home.Answer = -2;
        Assert.NotEqual(CopyState.Valid, (await FillAsync(Route())).State);
        Assert.Equal(0, _heir.Reads);
    }

    private static byte[] Copy(long epoch)
    {
        var copy = new byte[CopyHeader.ShortLength + 1];
        new CopyHeader(CopyKind.Value, epoch, 1, 1).WriteTo(copy);
        return copy;
    }

    private async Task AssertNotFilledAsync(ShardRoute route)
    {
        var before = _home.Scripts.Count;
        Assert.NotEqual(CopyState.Valid, (await FillAsync(route)).State);
        Assert.Equal((before, 0), (_home.Scripts.Count, _heir.Reads));
    }

    private ValueTask<Copy> FillAsync(ShardRoute route) => _format.Warm.TryFillAsync(route, "k");

    private ValueTask<WriteResult> SetAsync(ShardRoute route) => _format.WriteAsync(route, "k", new byte[] { 1 }, CacheExpiry.After(Window));

    // A client that learns of the return now.
    private ShardRoute Route(TimeSpan? window, bool sawItCome = true, ShardStatus? heir = null)
    {
        var other = heir ?? new ShardStatus(Shards[1 - Home].Addr, true, 10) { RunId = "run1" };
        var before = ViewOf(new ShardStatus(Shards[Home].Addr, false, Died), new ShardStatus(Shards[1 - Home].Addr, true, 10), window);
        var view = ViewOf(new ShardStatus(Shards[Home].Addr, true, Returned) { Died = Died, Under = 0 }, other, window);
        var age = ViewAge.After(sawItCome ? ViewAge.After(null, before, _time) : null, view, _time);
        var origins = new RouteOrigin[2];
        origins[Home] = OriginOf(Home, _home, new ShardRunSlot());
        origins[1 - Home] = OriginOf(1 - Home, _heir, _heirsRun);
        return new ShardRoute(_home.Database, Shards[Home], view.Route("k"u8, RoutePolicy.Failover), origins[Home], readsAreMisses: false);

        RouteOrigin OriginOf(int index, NotingServer server, ShardRunSlot run) =>
            new(view, index, run) { Database = () => server.Database, Age = age, Unconfirmed = () => _unconfirmed, Siblings = origins };
    }

    private ShardRoute Route(bool sawItCome = true, ShardStatus? heir = null) => Route(Window, sawItCome, heir);

    private static ClusterView ViewOf(ShardStatus home, ShardStatus heir, TimeSpan? window) => new(
        Ring, true, 1, new TopologyHistory(5, []), 1, new Dictionary<string, ShardStatus> { [home.Addr] = home, [heir.Addr] = heir }, CopyRules.Default with { WarmReturn = window });
}

/// <summary>A server that answers scripts with one number and holds one copy.</summary>
public class NotingServer : DispatchProxy
{
    private byte[]? _copy;
    private TimeSpan? _life;
    private bool _endsOnceRead;

    public List<(RedisKey[] Keys, RedisValue[] Values)> Scripts { get; } = [];

    public int Answer { get; set; } = 1;

    public int Reads { get; private set; }

    public IDatabase Database => (IDatabase)(object)this;

    public static NotingServer Create() => (NotingServer)(object)Create<IDatabase, NotingServer>();

    public void Holds(byte[] copy, TimeSpan? life, bool endsOnceRead = false) => (_copy, _life, _endsOnceRead) = (copy, life, endsOnceRead);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case nameof(IDatabase.ScriptEvaluateAsync):
                Scripts.Add(((RedisKey[])args![1]!, (RedisValue[])args[2]!));
                return Task.FromResult(RedisResult.Create(Answer, ResultType.Integer));
            case nameof(IDatabase.StringGetAsync):
                Reads++;
                _life = _endsOnceRead ? null : _life;
                return Task.FromResult((RedisValue)_copy);
            case nameof(IDatabase.KeyTimeToLiveAsync):
                return Task.FromResult(_life);
            default:
                throw new NotSupportedException(targetMethod.Name);
        }
    }
}
