using Xunit;
using static RingKeeper.Tests.Insight.Fleets;

namespace RingKeeper.Tests.Insight;

public sealed class FleetAlarmsTests
{
    [Fact]
    public void A_healthy_fleet_raises_none() => Assert.Equal([], FleetAlarms.Of(Healthy(), []));

    [Fact]
    public void Each_alarm_is_raised_by_what_it_is_about_the_worst_first_and_says_what_to_do()
    {
        var all = new List<FleetAlarm>
        {
            One("dead", Of([A, B, C], [Dead(A), Alive(B), Alive(C)], [], Votes(A, B, C))),
            One("no-shard", Of([A], [Dead(A)], [], Votes(A))),
            One("undecided", Of([A, B], [Alive(B)], [], Votes(B))),
            One("restart-unseen", Of([A], [Alive(A) with { RunId = null }], [], Votes(A))),
            One("replica", Of([A], [Alive(A) with { Role = "slave" }], [], Votes(A))),
            One("no-checker", Of([A], [Alive(A)], [])),
            One("no-quorum", Of([A], [Alive(A)], [], Votes(A)[0])),
            One("few-checkers", Of([A], [Alive(A)], [], Votes(A)[..2])),
            One("checkers-missing", Of([A], [Alive(A)], [], Votes(A)[..2])),
            One("vote-old", Of([A], [Alive(A)], [], Votes(A)[0], Votes(A)[1], Vote(2, 60_000, Says(A, true)))),
            One("vote-unreadable", Of([A], [Alive(A)], [], Votes(A)[0], Votes(A)[1], new Vote("n_0000000002", 0, 12, Now, null))),
            One("namesakes", Of([A], [Alive(A)], [], Votes(A)[0] with { Mzxid = 1, Checker = "id-2" }, Votes(A)[1], Votes(A)[2] with { Mzxid = 5 })),
            One("go-checkers", Of([A], [Alive(A)], [], Votes(A)[0], Votes(A)[1], Go(3, Says(A, true)))),
            One("brake", Of([A, B, C], [Alive(A), Alive(B), Alive(C)], [], Vote(0, 0, Says(A, false), Says(B, false), Says(C, true)), Vote(1, 0, Says(A, false), Says(B, false), Says(C, true)), Votes(A, B, C)[2])),
            One("open-acl", Healthy(), ZKPaths.Cluster("orders")),
            One("fields-lost", Of(Healthy().Cluster with { RestoredFields = ["HashTag"] }, [Alive(A), Alive(B), Alive(C)], new DecisionsState([], 0, null), Votes(A, B, C))),
            One("decisions-unreadable", Of(Healthy().Cluster, [Alive(A), Alive(B), Alive(C)], new DecisionsState([], 0, "it holds no JSON"), Votes(A, B, C))),
        };

        Assert.All(all, static alarm => Assert.True(alarm.Remedy.Length > 10, alarm.Code));
    }

    [Fact]
    public void Others_serve_the_keys_of_a_dead_shard_only_where_one_is_alive()
    {
        Assert.EndsWith("; others serve its keys", One("dead", Of([A, B], [Dead(A), Alive(B)], [], Votes(A, B))).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("serve", One("dead", Of([A, B], [Dead(A), Dead(B)], [], Votes(A, B))).Text, StringComparison.Ordinal);
    }

    private static FleetAlarm One(string code, Fleet fleet, params string[] open)
    {
        var alarms = FleetAlarms.Of(fleet, open);
        Assert.Equal(alarms.OrderByDescending(static alarm => alarm.Level), alarms);
        Assert.True(alarms.Any(alarm => alarm.Code == code), $"{code} is missing among: {string.Join("; ", alarms)}");
        return alarms.First(alarm => alarm.Code == code);
    }
}
