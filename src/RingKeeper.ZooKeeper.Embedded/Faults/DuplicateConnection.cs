using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>A second connection of a session, as a client's twin would open it. The first one was cut when this one came; it ends when the client comes back.</summary>
public sealed class DuplicateConnection : IAsyncDisposable
{
    private readonly Stream _stream;

    private DuplicateConnection(Stream stream, long sessionId) => (_stream, SessionId, Ended) = (stream, sessionId, ReadToEndAsync(stream));

    /// <summary>Gets the session.</summary>
    public long SessionId { get; }

    /// <summary>Gets a task that completes when the server has ended this connection, for the client has come back or the session is over.</summary>
    public Task Ended { get; }

    internal static async Task<DuplicateConnection> OpenAsync(Stream stream, Session session)
    {
        var writer = new FrameWriter(64);
        writer.BeginFrame();
        new ConnectRequest(0, 0, session.TimeoutMs, session.Id, session.Password, false).Write(writer);
        writer.EndFrame();
        await stream.WriteAsync(writer.Written).ConfigureAwait(false);

        // Once the answer begins, the session is here.
        var answered = await stream.ReadAsync(new byte[1]).ConfigureAwait(false) > 0;
        return answered
            ? new DuplicateConnection(stream, session.Id)
            : throw new InvalidOperationException($"The session 0x{session.Id:x} was over before its duplicate connection was answered.");
    }

    /// <summary>Ends this connection; the session stays.</summary>
    /// <returns>A task that completes when it has ended.</returns>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        await Ended.ConfigureAwait(false);
    }

    private static async Task ReadToEndAsync(Stream stream)
    {
        var rest = new byte[1024];
        try
        {
            while (await stream.ReadAsync(rest).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Ended from this side.
        }
    }
}
