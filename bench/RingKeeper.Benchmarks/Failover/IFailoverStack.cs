namespace RingKeeper.Benchmarks;

/// <summary>Servers, whatever watches them, and clients of them; they stay up for the whole run, whole again before each fault.</summary>
internal interface IFailoverStack : IAsyncDisposable
{
    /// <summary>The clients that look for a good answer at the same time, by the name of their column.</summary>
    IReadOnlyList<string> Columns { get; }

    /// <summary>How servers, watchers and clients are set.</summary>
    string Settings { get; }

    /// <summary>Whether there is anything to measure of such a fault.</summary>
    bool Knows(Fault fault);

    Task StartAsync();

    /// <summary>Waits until nothing is left of the last fault and chooses the next victim.</summary>
    Task<FailoverRound> PrepareAsync();

    Task BreakAsync(Fault fault);

    /// <summary>Brings back what was broken; returns once it answers.</summary>
    Task MendAsync(Fault fault);

    /// <summary>What the watchers say of themselves, for the message of a round that failed.</summary>
    Task<string> ExplainAsync();
}

/// <summary>How the clients of one round ask.</summary>
/// <param name="Away">One attempt of each column's client to write and read a key of the lost server elsewhere.</param>
/// <param name="Home">One attempt to find the key at home again; null where a server that returns gets nothing back.</param>
internal sealed record FailoverRound(IReadOnlyList<Func<Task<bool>>> Away, Func<Task<bool>>? Home = null);
