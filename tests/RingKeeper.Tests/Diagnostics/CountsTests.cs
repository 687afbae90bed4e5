using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Diagnostics;

public sealed class CountsTests : IDisposable
{
    private readonly string _cluster = $"counted-{Guid.NewGuid():n}";
    private readonly List<string> _seen = [];
    private readonly MeterListener _listener = new();

    public CountsTests()
    {
        _listener.InstrumentPublished = static (instrument, self) =>
        {
            if (instrument.Meter.Name == RingKeeperTelemetry.SourceName && instrument is Counter<long>)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var named = tags.ToArray();
            if (Array.Exists(named, tag => Equals(tag.Value, _cluster)))
            {
                lock (_seen)
                {
                    _seen.Add($"{instrument.Name} {value}{string.Concat(named.Where(static tag => tag.Key != "ringkeeper.cluster").Select(static tag => $" {tag.Key}={tag.Value}"))}");
                }
            }
        });
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void A_failover_is_counted_when_a_shard_ceases_or_begins_again_to_serve()
    {
        FailoverCounts.Record(_cluster, null, View(1, "alive dead"));
        FailoverCounts.Record(_cluster, View(1, "alive dead"), View(2, "dead alive"));
        FailoverCounts.Record(_cluster, View(2, "dead alive"), View(3, "dead alive"));

        Assert.Equal(
            [
                "ringkeeper.failover.count 1 ringkeeper.shard.id=a ringkeeper.failover.reason=dead",
                "ringkeeper.failover.count 1 ringkeeper.shard.id=b ringkeeper.failover.reason=returned",
            ],
            _seen);
    }

    [Fact]
    public void A_drained_shard_says_so_and_one_without_a_status_has_not_failed_over()
    {
        Assert.Equal([("b", "drained")], FailoverCounts.Between(View(1, "undecided alive"), View(2, "dead dead", drained: true)));
        Assert.Equal([], FailoverCounts.Between(View(1, "alive alive"), View(2, "undecided undecided")));
    }

    [Fact]
    public void Each_state_of_a_session_is_counted_as_it_is_entered()
    {
        var counts = new SessionCounts(_cluster, "client");
        foreach (var state in new[] { SessionState.Connected, SessionState.Connected, SessionState.Suspended, SessionState.Connected })
        {
            counts.Hear(state);
        }

        Assert.Equal(["connected", "suspended", "connected"], _seen.Select(static line => line.Split('=')[1].Split(' ')[0]));
        Assert.Equal("ringkeeper.zookeeper.session.state_changes 1 ringkeeper.zookeeper.state=connected ringkeeper.role=client", _seen[0]);
    }

    [Fact]
    public void What_checkers_decide_and_hold_is_counted_by_its_result()
    {
        foreach (var kind in Enum.GetValues<DecisionKind>())
        {
            CheckerCounts.Decided(_cluster, kind);
        }

        CheckerCounts.Held(_cluster, isBrake: true);
        CheckerCounts.Held(_cluster, isBrake: false);
        CheckerCounts.Voted(_cluster);

        Assert.Equal(["dead", "alive", "restarted", "drained", "braked", "held"], _seen.Take(6).Select(static line => line.Split('=')[1]));
        Assert.Equal("ringkeeper.votes 1", _seen[6]);
    }

    [Fact]
    public void Each_shard_that_a_checker_begins_to_say_nothing_of_is_counted_once()
    {
        var log = new AbstentionLog(_cluster, NullLogger.Instance);
        var draft = VoteDraft.Of([new("a", "nowhere"), new("b", "nothing"), new("c", ":3")], new Dictionary<string, SeenShard>(), HeldVerdicts.None, "me", 1, TimeSpan.FromSeconds(1));
        log.Tell(draft);
        log.Tell(draft);

        Assert.Equal(["ringkeeper.abstentions 2"], _seen);
    }

    [Fact]
    public void A_listener_that_throws_ends_nothing()
    {
        var spoilt = 0;
        using var spoiler = new MeterListener();
        spoiler.InstrumentPublished = static (instrument, self) =>
        {
            if (instrument.Name is "ringkeeper.votes" or "ringkeeper.subscriptions.gaps" or "ringkeeper.view.lag" or "ringkeeper.view.apply.duration")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        spoiler.SetMeasurementEventCallback<long>((_, _, tags, _) => Spoil(tags));
        spoiler.SetMeasurementEventCallback<double>((_, _, tags, _) => Spoil(tags));
        spoiler.Start();

        CheckerCounts.Voted(_cluster);
        SubscriptionMeter.Gap(_cluster, SubscriptionMeter.Moved);
        ViewLag.Record(_cluster, View(1, "alive dead"), View(2, "dead alive"), 0, 1, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(1));

        Assert.Equal(4, spoilt);

        void Spoil(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (Equals(tags[0].Value, _cluster))
            {
                spoilt++;
                throw new InvalidOperationException("spoilt");
            }
        }
    }

    private static ClusterView View(long statusVersion, string states, bool drained = false)
    {
        Shard[] shards = [new("a", ":1"), new("b", ":2") { Drained = drained }];
        var statuses = shards.Zip(states.Split(' ')).Where(static pair => pair.Second != "undecided").Select(static pair => new ShardStatus(pair.First.Addr, pair.Second == "alive", 1));
        return new ClusterView(new ConsistentRingBuilder("4").Build(shards), true, 1, 0, statusVersion, statuses.ToDictionary(static status => status.Addr));
    }
}
