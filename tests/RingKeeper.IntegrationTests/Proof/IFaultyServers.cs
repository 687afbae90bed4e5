using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>What is drawn for a fault before anything is done: times, and a number to pick by.</summary>
/// <param name="Shortly">Less than a session lasts.</param>
/// <param name="Some">Less or more.</param>
/// <param name="Beyond">More than a session lasts.</param>
/// <param name="Pick">Any number from 0.</param>
internal readonly record struct Draws(TimeSpan Shortly, TimeSpan Some, TimeSpan Beyond, int Pick);

/// <summary>A fault and its cure.</summary>
/// <param name="Name">What happens.</param>
/// <param name="DoAsync">Does it, and has undone it when it returns.</param>
internal sealed record Fault(string Name, Func<Draws, Task> DoAsync);

/// <summary>The servers of a run.</summary>
internal interface IFaultyServers : IAsyncDisposable
{
    string Name { get; }

    /// <summary>The port of each.</summary>
    IReadOnlyList<int> Ports { get; }

    /// <summary>What can happen to them.</summary>
    IReadOnlyList<Fault> Faults { get; }

    /// <summary>A client that no proxy stands before.</summary>
    ZooKeeperClient Direct { get; }
}
