using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>
/// What a server does that has lost its ensemble and goes on with reads: it knows no sessions but pretends, and takes no writes.
/// The real sessions live on meanwhile; their time starts anew once the ensemble is back.
/// </summary>
internal sealed class ReadOnlyMode(SessionTable real, Func<int, int> negotiate)
{
    // The high byte is no real server's.
    private long _nextId = 0x7E00_0000_0000_0001;

    /// <summary>Takes whoever asks: a real session only for its password, any other under the id it names or a made-up one.</summary>
    public Session? Open(ConnectRequest request)
    {
        if (real.TryGet(request.SessionId, out var known) && !known.HasPassword(request.Password))
        {
            return null;
        }

        var password = known?.Password ?? (request is { SessionId: not 0, Password.Length: > 0 } ? request.Password : new byte[16]);
        return new Session(request.SessionId == 0 ? _nextId++ : request.SessionId, password) { TimeoutMs = negotiate(request.TimeoutMs) };
    }

    public static bool Refuses(OpCode type) => type is OpCode.Create or OpCode.Create2 or OpCode.CreateContainer or OpCode.CreateTtl
        or OpCode.Delete or OpCode.DeleteContainer or OpCode.SetData or OpCode.SetAcl or OpCode.Multi or OpCode.Check or OpCode.Reconfig or OpCode.Sync;
}
