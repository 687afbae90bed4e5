using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>A server the client's suite runs against. Ticks last 200 ms, so sessions time out after 0.4 to 4 s.</summary>
public interface IZooKeeperUnderTest
{
    int Port { get; }

    string ConnectString { get; }

    /// <summary>How many servers there are.</summary>
    int Size => ConnectString.Split(',').Length;

    /// <summary>What carries a client there; null for TCP.</summary>
    IZooKeeperTransport? Transport => null;

    /// <summary>Stops the server; data and sessions are kept.</summary>
    Task StopAsync();

    /// <summary>Starts it again on the same port.</summary>
    Task StartAsync();
}
