using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>
/// Judges the events of one recursive subscription. The watching client creates markers below it: each tells, by its own event, up to which zxid everything before it has been told.
/// </summary>
/// <param name="judge">Knows the changes that there were.</param>
/// <param name="registers">What is watched.</param>
internal sealed class WatchJudge(RunJudge judge, IReadOnlyList<string> registers)
{
    private readonly List<string> _violations = [];

    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Gets how many stretches between two markers without a gap were compared change by change.</summary>
    public int Stretches { get; private set; }

    /// <summary>Gets how many changes were told in them.</summary>
    public int Changes { get; private set; }

    /// <summary>Judges a subscription.</summary>
    /// <param name="who">Whose it is.</param>
    /// <param name="events">What it told, in order, until all was quiet.</param>
    /// <param name="markers">The markers whose creation was acknowledged, and by which zxid, in order.</param>
    public void Judge(string who, IReadOnlyList<WatchedEvent> events, IReadOnlyList<(string Path, long Czxid)> markers)
    {
        var zxids = markers.ToDictionary(static m => m.Path, static m => m.Czxid);
        var told = new HashSet<string>();
        var counts = registers.ToDictionary(static r => r, static _ => 0);
        long? since = null;
        foreach (var change in events)
        {
            if (change.Type == WatchedEventType.NodeCreated && zxids.TryGetValue(change.Path, out var zxid))
            {
                told.Add(change.Path);
                Compare(who, counts, since, zxid);
                since = zxid;
                Clear(counts);
            }
            else if (change.Type is WatchedEventType.Gap or WatchedEventType.SessionExpired or WatchedEventType.Closed)
            {
                since = null;
                Clear(counts);
            }
            else if (change.Type == WatchedEventType.NodeDataChanged && counts.TryGetValue(change.Path, out var count))
            {
                counts[change.Path] = count + 1;
            }
        }

        // The client that created it was connected: the event came before the answer, and no gap can hide it.
        _violations.AddRange(markers.Where(m => !told.Contains(m.Path)).Select(m => $"{who} was never told of {m.Path}, zxid {m.Czxid}."));
    }

    private void Compare(string who, Dictionary<string, int> counts, long? since, long until)
    {
        if (since is not { } after)
        {
            return;
        }

        Stretches++;
        foreach (var (register, count) in counts)
        {
            Changes += count;
            var (least, most) = judge.ChangesBetween(register, after, until);
            if (count < least || count > most)
            {
                _violations.Add($"{who} was told of {count} changes of {register} between zxids {after} and {until} and of no gap; there were {least} to {most}.");
            }
        }
    }

    private static void Clear(Dictionary<string, int> counts)
    {
        foreach (var register in counts.Keys)
        {
            counts[register] = 0;
        }
    }
}
