namespace RingKeeper.Benchmarks;

/// <summary>A ZooKeeper client that does the same work as the others. Operations are get, set, create and mixed (eight gets, a set and a create of ten), of 100 bytes.</summary>
internal interface IZooKeeperDriver
{
    string Name { get; }

    int ProcessId { get; }

    /// <summary>One operation after the other; gives the seconds it took.</summary>
    Task<double> SequenceAsync(string operation, int count);

    /// <summary>So many operations outstanding; gives the seconds it took.</summary>
    Task<double> WindowAsync(string operation, int count, int outstanding);

    /// <summary>Another session of the same process sets a znode that this one watches; gives the nanoseconds from the call to the handler.</summary>
    Task<IReadOnlyList<double>> WatchAsync(int count);
}
