namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>A server that the suite talks to. Ticks last 200 ms, sessions time out after 0.4 to 4 s, TTL znodes are off.</summary>
public interface IServerUnderTest
{
    int Port { get; }

    /// <summary>What it says of itself: that it stands alone or follows.</summary>
    string Mode => "standalone";

    /// <summary>Returns once whoever checks the next write has applied all that was answered: a leader may come behind its follower, and goes by the ACL from before a setACL until then.</summary>
    Task SettleAsync() => Task.CompletedTask;
}
