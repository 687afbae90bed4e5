using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>Says once that a Go checker leads, which does not know of the drains there are. Used by the checker's loop alone.</summary>
internal sealed class DrainAlarm(string name, ILogger logger)
{
    private string? _told;

    /// <summary>Looks at who leads.</summary>
    /// <param name="shards">The shards of the cluster.</param>
    /// <param name="goLeader">The node of the leader if it is a Go program's; else null.</param>
    public void Tell(IReadOnlyList<Shard> shards, string? goLeader)
    {
        var drained = goLeader is null ? "" : string.Join(", ", shards.Where(static shard => shard.Drained).Select(static shard => shard.Name));
        var state = $"{goLeader}|{drained}";
        if (drained.Length > 0 && _told != state)
        {
            Log.DrainUnknownToLeader(logger, name, goLeader!, drained);
        }

        _told = state;
    }
}
