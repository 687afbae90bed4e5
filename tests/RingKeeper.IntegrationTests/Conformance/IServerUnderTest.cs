namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>A server that the suite talks to. Ticks last 200 ms, sessions time out after 0.4 to 4 s, TTL znodes are off.</summary>
public interface IServerUnderTest
{
    int Port { get; }

    /// <summary>What it says of itself: that it stands alone or follows.</summary>
    string Mode => "standalone";
}
