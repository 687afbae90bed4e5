namespace RingKeeper;

/// <summary>Remembers the attempts of one operation, for the error that ends it.</summary>
internal sealed class OperationAttempts
{
    private const int MaxLines = 20;

    private readonly List<(string What, int Times)> _lines = [];

    /// <summary>How many were made.</summary>
    public int Count { get; private set; }

    /// <summary>The last error.</summary>
    public Exception? Last { get; private set; }

    /// <summary>Adds an attempt.</summary>
    /// <param name="shard">The shard it went to; null if none was found.</param>
    /// <param name="error">How it ended; null if the deadline came first.</param>
    public void Add(Shard? shard, Exception? error)
    {
        Count++;
        Last = error ?? Last;
        var what = $"{(shard is null ? "no route" : $"'{shard.Name}' ({shard.Addr})")}: {error?.GetType().Name ?? "no answer before the deadline"}";
        if (_lines.Count > 0 && _lines[^1].What == what)
        {
            _lines[^1] = (what, _lines[^1].Times + 1);
        }
        else if (_lines.Count < MaxLines)
        {
            _lines.Add((what, 1));
        }
    }

    /// <summary>Notes in the error what was tried, if that was more than it says itself.</summary>
    public void Describe(Exception error, TimeSpan took)
    {
        if (Count > 1)
        {
            error.Data[ConnectorOperations.TriedKey] = $"{Count} attempts in {took.TotalSeconds:0.0} s: "
                + string.Join("; ", _lines.Select(static line => line.Times == 1 ? line.What : $"{line.What}, {line.Times} times"));
        }
    }
}
