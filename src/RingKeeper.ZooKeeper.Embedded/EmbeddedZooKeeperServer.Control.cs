namespace RingKeeper.ZooKeeper.Embedded;

/// <content>What a test does to the server.</content>
public sealed partial class EmbeddedZooKeeperServer
{
    /// <summary>Cuts the TCP connection of a session; the session stays. Does nothing when it has none at the moment.</summary>
    /// <param name="sessionId">The session.</param>
    /// <returns>A task that completes when the connection is cut.</returns>
    public Task DropConnectionAsync(long sessionId) => _executor.InvokeAsync(() =>
    {
        if (_database.Sessions.TryGet(sessionId, out var session) && session.Connection is { } connection)
        {
            connection.Home.Drop(connection);
        }
    });

    /// <summary>Cuts all TCP connections; the sessions stay.</summary>
    /// <returns>A task that completes when the connections are cut.</returns>
    public Task DropAllConnectionsAsync() => _executor.InvokeAsync(DropAll);

    /// <summary>Ends a session as if its timeout had passed: its ephemeral znodes go and its connection is cut without a word. Does nothing when it is over already.</summary>
    /// <param name="sessionId">The session.</param>
    /// <returns>A task that completes when the session is over.</returns>
    public Task ExpireSessionAsync(long sessionId) => _executor.InvokeAsync(() =>
    {
        if (_database.Sessions.TryGet(sessionId, out var session))
        {
            _processor.Expire(session);
        }
    });

    /// <summary>
    /// Makes the server one that has lost its ensemble and serves reads only, or one that serves writes again. All connections are cut; only clients
    /// that allow a read-only server are let in to one. Sessions and data are kept, no session expires meanwhile, and the time of all starts anew.
    /// </summary>
    /// <param name="readOnly">Whether to serve reads only.</param>
    /// <returns>A task that completes when the server has changed.</returns>
    public Task SetReadOnlyAsync(bool readOnly) => _executor.InvokeAsync(() =>
    {
        DropAll();
        foreach (var processor in Processors())
        {
            processor.SetReadOnly(readOnly);
        }
    });

    /// <summary>Writes the list of members to <c>/zookeeper/config</c>, as a reconfiguration of the ensemble would; watches on it fire.</summary>
    /// <param name="members">The members, such as <c>server.1=10.0.0.1:2888:3888:participant;0.0.0.0:2181</c>; none for a server that stands alone.</param>
    /// <returns>A task that completes when the list is written.</returns>
    /// <exception cref="FormatException">A member cannot be read, or a number stands twice.</exception>
    /// <exception cref="InvalidOperationException">The emulated version has no configuration.</exception>
    public Task SetMembersAsync(IReadOnlyList<string> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        return _options.EmulatedVersion < EmulatedVersion.V35
            ? throw new InvalidOperationException($"{_options.EmulatedVersion} has no /zookeeper/config: members are known as of 3.5.")
            : _executor.InvokeAsync(() => _database.Configure(members));
    }

    private void DropAll()
    {
        // A detached connection may be disposed of already.
        foreach (var connection in _connections.Keys.Where(connection => !connection.IsDetached))
        {
            connection.Home.Drop(connection);
        }
    }
}
