namespace RingKeeper.IntegrationTests.Proof;

/// <summary>Something that one at a time holds: a lock or a lead.</summary>
internal interface IContest
{
    string Name { get; }

    /// <summary>Waits to hold it.</summary>
    Task<IHeld> TakeAsync(CancellationToken cancellationToken);
}

/// <summary>What is held.</summary>
internal interface IHeld : IAsyncDisposable
{
    long Token { get; }

    /// <summary>Whether it is held at this moment; looks at the clock.</summary>
    bool IsHeld { get; }

    /// <summary>Writes only if it is held, whatever clocks say; the zxid of the write, or null if it was refused for that reason.</summary>
    Task<long?> WriteFencedAsync(string path, byte[] data);
}
