using RingKeeper.IntegrationTests.Embedded;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>One session on one raw connection: numbers the requests and keeps the events that come before a reply.</summary>
internal sealed class Talker(RawConnection connection) : IDisposable
{
    private readonly List<string> _events = [];
    private int _xid;

    public RawConnection Connection => connection;

    public ConnectResponse Greeting => connection.Greeting;

    public long SessionId => connection.Greeting.SessionId;

    /// <summary>True once the server has been asked to close the session and has answered.</summary>
    public bool IsClosed { get; private set; }

    public static async Task<Talker> ConnectAsync(int port, int timeoutMs = 4_000, ConnectResponse? resume = null, long seen = 0) =>
        new(await RawConnection.ConnectAsync(port, timeoutMs, resume, seen));

    /// <summary>Sends a request and waits for its reply. The xid of auth and ping says what they are.</summary>
    public async Task<RawReply> CallAsync(Request request)
    {
        var xid = request.Type switch
        {
            OpCode.Auth => SpecialXid.Auth,
            OpCode.Ping => SpecialXid.Ping,
            _ => ++_xid,
        };
        await connection.SendAsync(xid, request.Type, request.Write);
        var reply = await ReplyAsync();
        if (reply.Xid != xid)
        {
            throw new InvalidOperationException($"{request} with xid {xid} was answered by {reply}.");
        }

        IsClosed |= request.Type == OpCode.CloseSession;
        return reply;
    }

    /// <summary>Sends a request that is to succeed.</summary>
    public async Task<RawReply> DoAsync(Request request)
    {
        var reply = await CallAsync(request);
        return reply.Error == ZooKeeperErrorCode.Ok ? reply : throw new InvalidOperationException($"{request} failed: {reply.Error}.");
    }

    public async Task<ZooKeeperErrorCode> ErrorOfAsync(Request request) => (await CallAsync(request)).Error;

    public async Task<Stat> StatAsync(string path) => (await DoAsync(Request.Exists(path))).Stat;

    /// <summary>Takes the events received so far, in order, without asking for more.</summary>
    public IReadOnlyList<string> TakeEvents()
    {
        var taken = _events.ToArray();
        _events.Clear();
        return taken;
    }

    /// <summary>Takes every event that the server has sent before it answers a ping: there is no other way to know that none comes.</summary>
    public async Task<IReadOnlyList<string>> EventsAsync()
    {
        await CallAsync(Request.Of(OpCode.Ping));
        return TakeEvents();
    }

    /// <summary>Waits for the next event, without asking the server for anything.</summary>
    public async Task<string> NextEventAsync() => (await connection.ReplyAsync()).Event;

    /// <summary>Ends the session, also when its connection is gone, so that it cannot expire beside a later test.</summary>
    public async Task CloseAsync(int port)
    {
        if (IsClosed)
        {
            return;
        }

        using var again = await RawConnection.ConnectAsync(port, resume: Greeting);
        if (again.Greeting.SessionId != 0)
        {
            await again.CallAsync(1, OpCode.CloseSession);
        }

        IsClosed = true;
    }

    public void Dispose() => connection.Dispose();

    private async Task<RawReply> ReplyAsync()
    {
        while (true)
        {
            var reply = await connection.ReplyAsync();
            if (!reply.IsEvent)
            {
                return reply;
            }

            _events.Add(reply.Event);
        }
    }
}
