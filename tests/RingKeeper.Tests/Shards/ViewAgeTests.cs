using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace RingKeeper.Tests.Shards;

public sealed class ViewAgeTests
{
    private static readonly Shard Shard = new("a", "127.0.0.1:1");
    private static readonly HashRing Ring = new ZKClusterOptions { RingType = RingTypes.Consistent, RingParams = "4" }.CreateRingBuilder().Build([Shard]);
    private readonly FakeTimeProvider _time = new();
    private ViewAge? _age;

    [Fact]
    public void A_change_counts_from_the_first_view_that_told_of_it()
    {
        See(100);
        Pass(5);
        See(200);
        Pass(7);
        See(300);
        Pass(1);

        Assert.Equal((Seconds(1), true), _age!.ElapsedSince(300));
        Assert.Equal((Seconds(1), true), _age.ElapsedSince(201));
        Assert.Equal((Seconds(8), true), _age.ElapsedSince(200));
        Assert.Equal((Seconds(8), true), _age.ElapsedSince(101));
    }

    [Fact]
    public void What_the_first_view_told_of_was_not_seen_to_come()
    {
        See(100);
        Assert.Equal((Seconds(0), false), _age!.ElapsedSince(100));
        Pass(3);
        See(200);

        Assert.Equal((Seconds(3), false), _age.ElapsedSince(100));
        Assert.Equal((Seconds(3), false), _age.ElapsedSince(1));
        Assert.Equal((Seconds(0), true), _age.ElapsedSince(200));
    }

    [Fact]
    public void A_view_that_tells_of_nothing_newer_leaves_the_time_as_it_is()
    {
        See(100);
        See(200);
        Pass(4);
        var before = _age;
        See(200);

        Assert.Same(before, _age);
        Assert.Equal((Seconds(4), true), _age!.ElapsedSince(200));
    }

    [Fact]
    public void It_remembers_a_bounded_number_of_views_and_what_it_forgot_passes_for_the_first()
    {
        for (var stamp = 1; stamp <= 1000; stamp++)
        {
            See(stamp);
            Pass(1);
        }

        Assert.Equal((Seconds(1), true), _age!.ElapsedSince(1000));
        Assert.Equal((Seconds(255), true), _age.ElapsedSince(746));
        Assert.Equal((Seconds(256), false), _age.ElapsedSince(745));
        Assert.Equal((Seconds(256), false), _age.ElapsedSince(3));
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private void Pass(int seconds) => _time.Advance(Seconds(seconds));

    private void See(long stamp) => _age = ViewAge.After(
        _age,
        new ClusterView(Ring, true, 1, 1, 1, new Dictionary<string, ShardStatus> { [Shard.Addr] = new(Shard.Addr, true, stamp) }),
        _time);
}
