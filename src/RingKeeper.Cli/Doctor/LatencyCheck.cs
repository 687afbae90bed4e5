using System.Globalization;

namespace RingKeeper.Cli.Doctor;

/// <summary>How long ZooKeeper takes to answer a read, and a sync, which its leader and a quorum take part in.</summary>
internal sealed class LatencyCheck : IDoctorCheck
{
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(250);

    public string Name => "ZooKeeper latency";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        if (facts.Session.Value is not { } session)
        {
            return [Finding.NotChecked("zk-latency", $"there is no session: {facts.Session.Trouble}", "see the finding about ZooKeeper")];
        }

        if (session.Latencies.Value is not { } latencies)
        {
            return [Finding.Warning("zk-slow", $"a read and a sync have no answer: {session.Latencies.Trouble}", "look at the disk and the garbage collection of the ZooKeeper servers, and at the network")];
        }

        var text = string.Create(CultureInfo.InvariantCulture, $"the slowest of {Examination.LatencySamples}: read {latencies.Read.TotalMilliseconds:0.0} ms, sync {latencies.Sync.TotalMilliseconds:0.0} ms");
        return latencies.Read > Slow || latencies.Sync > Slow
            ? [Finding.Warning("zk-slow", $"{text}: every decision waits for a few of them", "look at the disk (a device of its own for dataLogDir) and the garbage collection of the ZooKeeper servers, and at the network")]
            : [Finding.Ok("zk-latency", text)];
    }
}
