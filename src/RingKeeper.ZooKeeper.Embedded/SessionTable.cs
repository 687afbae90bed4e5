using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>The live sessions and their deadlines, rounded up to ticks.</summary>
internal sealed class SessionTable(ServerClock clock, TimeSpan tickTime, TimeSpan minTimeout, TimeSpan maxTimeout)
{
    private const long ServerId = 1;
    private const int PasswordLength = 16;

    private readonly ConcurrentDictionary<long, Session> _sessions = new();
    private readonly long _tickMs = (long)tickTime.TotalMilliseconds;

    // The server in the high byte, the time in the next five, a counter from zero in the low two: never zero, never negative.
    private long _nextId = ((clock.UtcMs << 24) >>> 8) | (ServerId << 56);

    /// <summary>Makes a copy in which no session has a connection. Ids given out since are not given out again.</summary>
    public SessionTable Clone(SessionTable later)
    {
        var copy = new SessionTable(clock, tickTime, minTimeout, maxTimeout) { _nextId = later._nextId };
        foreach (var session in _sessions.Values)
        {
            copy._sessions[session.Id] = new Session(session.Id, session.Password) { TimeoutMs = session.TimeoutMs, DeadlineMs = session.DeadlineMs };
        }

        return copy;
    }

    public IReadOnlyCollection<long> Ids => [.. _sessions.Keys];

    public int Count => _sessions.Count;

    public int Negotiate(int requestedMs) => (int)Math.Clamp(requestedMs, minTimeout.TotalMilliseconds, maxTimeout.TotalMilliseconds);

    public Session Create(int requestedMs)
    {
        var session = new Session(_nextId++, RandomNumberGenerator.GetBytes(PasswordLength)) { TimeoutMs = Negotiate(requestedMs) };
        _sessions[session.Id] = session;
        Touch(session);
        return session;
    }

    public bool TryGet(long id, [MaybeNullWhen(false)] out Session session) => _sessions.TryGetValue(id, out session);

    /// <summary>Finds a session for whoever shows its password, negotiates its timeout again and re-arms it.</summary>
    public bool TryResume(long id, byte[]? password, int requestedMs, [MaybeNullWhen(false)] out Session session)
    {
        if (!_sessions.TryGetValue(id, out session) || !session.HasPassword(password))
        {
            session = null;
            return false;
        }

        session.TimeoutMs = Negotiate(requestedMs);
        Touch(session);
        return true;
    }

    /// <summary>Re-arms the deadline: the first tick after now + timeout.</summary>
    public void Touch(Session session) => session.DeadlineMs = (((clock.ElapsedMs + session.TimeoutMs) / _tickMs) + 1) * _tickMs;

    public void TouchAll()
    {
        foreach (var session in _sessions.Values)
        {
            Touch(session);
        }
    }

    public IReadOnlyList<Session> FindExpired()
    {
        var now = clock.ElapsedMs;
        return [.. _sessions.Values.Where(session => session.DeadlineMs <= now).OrderBy(session => session.DeadlineMs)];
    }

    public bool Remove(Session session) => _sessions.TryRemove(session.Id, out _);
}
