using System.Net;
using RingKeeper.ZooKeeper.Embedded.InProcess;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>
/// A server that follows another one, as in an ensemble: it answers pings and reads from its own view of the data, hands writes, syncs and sessions to the leader,
/// and can lag behind by script. Sessions live and end on the leader alone.
/// </summary>
public sealed class EmbeddedFollower
{
    private readonly EmbeddedZooKeeperServer _server;
    private readonly Listener? _listener;

    internal EmbeddedFollower(EmbeddedZooKeeperServer server, Listener? listener)
    {
        (_server, _listener) = (server, listener);
        Transport = new InProcessTransport(() => server.Connect(this));
    }

    /// <summary>Gets the way to this follower inside the process.</summary>
    public IZooKeeperTransport Transport { get; }

    /// <summary>Gets what a client connects to by TCP.</summary>
    /// <exception cref="InvalidOperationException">The server does not listen.</exception>
    public string ConnectString => EndPoint.ToString();

    /// <summary>Gets the TCP port.</summary>
    /// <exception cref="InvalidOperationException">The server does not listen.</exception>
    public int Port => EndPoint.Port;

    internal RequestProcessor Processor { get; set; } = null!;

    internal Listener? Listener => _listener;

    private IPEndPoint EndPoint => _listener?.EndPoint ?? throw EmbeddedZooKeeperServer.NotListening();

    /// <summary>
    /// Stops taking in what the leader commits: reads answer with what was, no event comes, pings are answered. A sync, or a write over this follower, first takes in all of it.
    /// </summary>
    /// <returns>A task that completes when the follower lags.</returns>
    public Task HoldAsync() => _server.InvokeAsync(() => Processor.Link!.IsHeld = true);

    /// <summary>Takes in a number of transactions and goes on lagging.</summary>
    /// <param name="transactions">How many.</param>
    /// <returns>A task that completes when they are seen here and their events are sent.</returns>
    public Task ApplyAsync(int transactions) => _server.InvokeAsync(() => Processor.Link!.Apply(transactions));

    /// <summary>Takes in everything, and lags no more.</summary>
    /// <returns>A task that completes when this follower has the state of its leader.</returns>
    public Task CatchUpAsync() => _server.InvokeAsync(() =>
    {
        Processor.Link!.IsHeld = false;
        Processor.Link.CatchUp();
    });

    /// <summary>
    /// Cuts the follower off from its leader. As a real one until its own timeout, it goes on to answer pings and reads from what it has, but the leader hears
    /// of none of it: sessions that are connected here expire there. Writes, syncs and handshakes wait for an answer that does not come.
    /// </summary>
    /// <returns>A task that completes when it is cut off.</returns>
    public Task CutOffAsync() => _server.InvokeAsync(() => Processor.Link!.IsCutOff = true);

    /// <summary>Ends a cut: as a real one, the follower cuts its connections and takes in what it has missed.</summary>
    /// <returns>A task that completes when it follows again.</returns>
    public Task RejoinAsync() => _server.InvokeAsync(() => _server.Rejoin(this));
}
