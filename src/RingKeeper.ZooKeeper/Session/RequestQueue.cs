using System.Diagnostics.CodeAnalysis;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>The requests of a session on their way. Used under the session's lock.</summary>
internal sealed class RequestQueue
{
    // What a fresh connection says before anything else: credentials, then watches. Dies with the connection.
    private readonly Queue<Request> _prelude = new();
    private readonly UnsentList _unsent = new();

    // Given to the socket of the present connection and unanswered, in the order written; replies come in the same order.
    // A request whose caller gave up keeps its slot until its reply.
    private readonly Queue<Request> _inFlight = new();

    // The same for credentials, whose replies overtake the others.
    private readonly Queue<AuthRequest> _auths = new();

    private int _xid;

    public int Count => _prelude.Count + _unsent.Count + _inFlight.Count + _auths.Count;

    public int InFlightCount => _inFlight.Count;

    public Request? OldestUnsent => _unsent.First;

    public void Add(Request request) => _unsent.AddLast(request);

    public void AddPrelude(Request request) => _prelude.Enqueue(request);

    /// <summary>Takes a request back; false when it is written already.</summary>
    public bool Remove(Request request) => _unsent.Remove(request);

    /// <summary>Moves requests into a batch until it is full enough for one write.</summary>
    public void Fill(FrameWriter batch, int enough, WatchRegistry watches, ServerFeatures features, long now)
    {
        while (batch.Length < enough && !features.IsTrying && TryTakeNext(out var request))
        {
            if (features.Lacks(request.Type))
            {
                request.Fail(ZooKeeperErrorCode.Unimplemented, OperationOutcome.Refused, message: null);
                request.Detach();
                continue;
            }

            if (!request.Prepare(watches))
            {
                continue;
            }

            Write(request, batch);
            request.SentAt = now;
            features.NoteWritten(request);
            if (request is AuthRequest auth)
            {
                _auths.Enqueue(auth);
            }
            else
            {
                _inFlight.Enqueue(request);
            }
        }
    }

    public bool TryPeekInFlight([NotNullWhen(true)] out Request? request) => _inFlight.TryPeek(out request);

    public Request DequeueInFlight() => _inFlight.Dequeue();

    public bool TryDequeueAuth([NotNullWhen(true)] out AuthRequest? request) => _auths.TryDequeue(out request);

    public void FailUnsent(ZooKeeperErrorCode code, string? message = null)
    {
        while (_unsent.First is { } request)
        {
            FailUnsent(request, code, message);
        }
    }

    /// <summary>Ends what may go over the present connection only and was not given to it.</summary>
    public void FailUnsentBound(ZooKeeperErrorCode code)
    {
        for (var request = _unsent.First; request is not null;)
        {
            var next = request.Next;
            if (request.BoundTo is not null)
            {
                FailUnsent(request, code, message: null);
            }

            request = next;
        }
    }

    /// <summary>Ends one that was not sent.</summary>
    public void FailUnsent(Request request, ZooKeeperErrorCode code, string? message)
    {
        _unsent.Remove(request);
        request.Fail(code, OperationOutcome.NotSent, message);
        request.Detach();
    }

    /// <summary>The reply to the oldest request broke the connection: its caller should learn how, the others suffer only the loss.</summary>
    public void FailOldestInFlight(ZooKeeperErrorCode code, string message)
    {
        if (_inFlight.TryDequeue(out var request))
        {
            request.Fail(code, OperationOutcome.Unknown, $"{ZooKeeperException.Describe(code, request.Subject, OperationOutcome.Unknown)} {message}");
            request.Detach();
        }
    }

    /// <summary>Ends what the present connection carried.</summary>
    public void FailInFlight(ZooKeeperErrorCode code, string? message = null)
    {
        _prelude.Clear();
        while (_inFlight.TryDequeue(out var request))
        {
            request.Fail(code, OperationOutcome.Unknown, message);
            request.Detach();
        }

        while (_auths.TryDequeue(out var auth))
        {
            auth.Fail(code, OperationOutcome.Unknown, message);
        }
    }

    /// <summary>The connection is lost: reads go back to the head of those that wait, in their order; everything else ends with an unknown outcome.</summary>
    public void RequeueReads(ZooKeeperErrorCode code)
    {
        var repeatable = new Stack<Request>();
        for (var left = _inFlight.Count; left > 0; left--)
        {
            var request = _inFlight.Dequeue();
            if (request.IsRepeatable)
            {
                repeatable.Push(request);
            }
            else
            {
                _inFlight.Enqueue(request);
            }
        }

        FailInFlight(code);
        while (repeatable.TryPop(out var request))
        {
            _unsent.AddFirst(request);
        }
    }

    private static void WriteFrame(Request request, FrameWriter batch)
    {
        batch.BeginFrame();
        new RequestHeader(request.Xid, request.Type).Write(batch);
        batch.WriteRaw(request.Body);
        batch.EndFrame();
    }

    private void Write(Request request, FrameWriter batch)
    {
        request.Xid = request.Type switch
        {
            OpCode.Auth => SpecialXid.Auth,
            OpCode.SetWatches or OpCode.SetWatches2 => SpecialXid.SetWatches,
            _ => _xid = _xid == int.MaxValue ? 1 : _xid + 1,
        };
        WriteFrame(request, batch);
    }

    private bool TryTakeNext([NotNullWhen(true)] out Request? request)
    {
        if (_prelude.TryDequeue(out request))
        {
            return true;
        }

        request = OldestUnsent;
        return request is not null && Remove(request);
    }
}
