namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>Takes what connections receive.</summary>
internal interface IConnectionHandler
{
    /// <summary>Takes one frame without its length.</summary>
    ValueTask ReceivedAsync(Connection connection, byte[] frame);

    /// <summary>Takes the four-letter word that stood in place of a first frame.</summary>
    ValueTask ReceivedWordAsync(Connection connection, string word);

    /// <summary>Learns that nothing more will be received; once the task completes, nothing touches the connection any more.</summary>
    Task DisconnectedAsync(Connection connection);
}
