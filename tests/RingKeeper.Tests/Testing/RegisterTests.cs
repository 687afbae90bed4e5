using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.Tests.Testing;

/// <summary>The judge of the demo and of the fault tests must be able to find fault.</summary>
public class RegisterTests
{
    private static readonly HashRing Ring = RingTypes.CreateBuilder(RingTypes.Consistent, "4").Build([new Shard("a", "a:1")]);

    private readonly Register _register = new("k");

    [Fact]
    public void A_value_no_older_than_the_newest_acknowledged_write_is_fresh()
    {
        var before = Written(number: 2, topology: 1, status: 1);

        Assert.Equal(Judgement.Fresh, _register.Judge(_register.Copy(epoch: 5, number: 2), 5, View(1, 1), before));
    }

    [Fact]
    public void An_older_value_under_a_view_that_knew_better_is_stale()
    {
        var before = Written(number: 2, topology: 1, status: 1);

        Assert.Equal(Judgement.Stale, _register.Judge(_register.Copy(epoch: 5, number: 1), 5, View(1, 1), before));
        Assert.Equal(Judgement.Stale, _register.Judge(_register.Copy(epoch: 5, number: 1), 5, View(2, 7), before));
    }

    [Fact]
    public void An_older_value_under_a_view_that_could_not_know_is_lagging()
    {
        var before = Written(number: 2, topology: 1, status: 9);

        Assert.Equal(Judgement.Lagging, _register.Judge(_register.Copy(epoch: 5, number: 1), 5, View(1, 8), before));
    }

    [Fact]
    public void A_copy_of_an_earlier_epoch_is_a_miss_whatever_it_holds()
    {
        var before = Written(number: 2, topology: 1, status: 1);

        Assert.Equal(Judgement.Outdated, _register.Judge(_register.Copy(epoch: 4, number: 1), 5, View(1, 1), before));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("0000000000000005:0000000000000001:other")]
    [InlineData("0000000000000005:0000000000000099:k")]
    public void What_was_never_written_here_is_wrong(string copy)
    {
        Written(number: 2, topology: 1, status: 1);

        Assert.Equal(Judgement.Wrong, _register.Judge(copy, 5, View(1, 1), null));
    }

    private Register.Acknowledged Written(long number, long topology, long status)
    {
        while (_register.BeginWrite() < number)
        {
        }

        _register.Acknowledge(number, View(topology, status));
        return _register.LastAcknowledged!;
    }

    private static ClusterView View(long topology, long status) => new(Ring, true, topology, 0, status, new Dictionary<string, ShardStatus>());
}
