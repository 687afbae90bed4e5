using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>
/// What the servers are known to know. A server that does not know an operation says so, closes the connection behind that answer and keeps the
/// session (3.4 to 3.9). So an operation that a server has not yet answered is written last: nothing behind it until the answer, so that nobody else
/// loses an answer by the close. What a server lacks is kept by its address, for the connection that taught it is gone. Used under the session's lock.
/// </summary>
internal sealed class ServerFeatures(TimeProvider time)
{
    // Servers are upgraded while clients run.
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    private readonly Dictionary<(ServerAddress Server, OpCode Type), long> _missing = [];
    private readonly HashSet<(ServerAddress Server, OpCode Type)> _known = [];
    private ServerAddress _server;
    private Request? _trial;

    /// <summary>Gets a value indicating whether nothing may be written until the answer that is awaited.</summary>
    public bool IsTrying => _trial is not null;

    /// <summary>A connection to a server begins.</summary>
    public void Begin(ServerAddress server) => (_server, _trial) = (server, null);

    /// <summary>Tells whether the connected server lacks an operation.</summary>
    public bool Lacks(OpCode type)
    {
        if (!_missing.TryGetValue((_server, type), out var since))
        {
            return false;
        }

        return time.GetElapsedTime(since) < Memory || !_missing.Remove((_server, type));
    }

    /// <summary>A request was written.</summary>
    public void NoteWritten(Request request)
    {
        if (Operations.FirstVersionOf(request.Type) is not null && !_known.Contains((_server, request.Type)))
        {
            _trial = request;
        }
    }

    /// <summary>A request was answered. False when the server does not know it, so that the connection is of no use any more.</summary>
    public bool NoteAnswer(Request request, ReplyHeader header)
    {
        if (_trial == request)
        {
            _trial = null;
        }

        if (Operations.FirstVersionOf(request.Type) is null)
        {
            return true;
        }

        var key = (_server, request.Type);
        if (Operations.IsUnknownToServer(header))
        {
            _known.Remove(key);
            _missing[key] = time.GetTimestamp();
            return false;
        }

        _known.Add(key);
        return true;
    }
}
