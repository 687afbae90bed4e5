using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>Says once what is wrong with the znodes of a cluster though it can be read.</summary>
internal sealed class TopologyAlarms(string name, ILogger logger)
{
    private string? _told;

    public void Tell(ZKClusterInfo cluster)
    {
        var restored = string.Join(", ", cluster.RestoredFields);
        var history = cluster.History;
        var state = $"{restored}|{history.Stamp is null}|{history.Trouble}";
        if (_told == state)
        {
            return;
        }

        _told = state;
        if (restored.Length > 0)
        {
            Log.FieldsRestored(logger, name, restored);
        }

        if (history.Trouble is { } trouble)
        {
            Log.HistoryUnreadable(logger, name, ZKPaths.History(name), trouble);
        }
        else if (history.Stamp is null)
        {
            Log.HistoryMissing(logger, name, ZKPaths.History(name));
        }
    }
}
