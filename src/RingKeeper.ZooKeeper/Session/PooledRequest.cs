using System.Collections.Concurrent;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>
/// A plain request, whose object and buffer serve one call after the other. It goes back to the pool when the caller has taken the result and the session
/// refers to it no more, whichever is later: a caller who gave up leaves it in its place until its reply.
/// </summary>
internal sealed class PooledRequest<T> : Request<T>
{
    private const int MaxPooled = 1024;
    private const int KeptBuffer = 4096;

    private static readonly ConcurrentQueue<PooledRequest<T>> s_pool = new();
    private static int s_pooled;

    private int _holders;

    private PooledRequest(OpCode type, string? path, ReplyParser<T> parse, Chroot chroot)
        : base(type, path, [], parse, chroot)
    {
    }

    public static PooledRequest<T> Rent<TRecord>(OpCode type, string? path, TRecord record, ReplyParser<T> parse, Chroot chroot)
        where TRecord : struct, IRecord
    {
        if (s_pool.TryDequeue(out var request))
        {
            Interlocked.Decrement(ref s_pooled);
            request.Renew(type, path, parse, chroot);
        }
        else
        {
            request = new PooledRequest<T>(type, path, parse, chroot);
        }

        request._holders = 2;
        request.SetBody(RequestBody.EncodeShared(record));
        return request;
    }

    /// <summary>That a znode is missing is an answer of exists, not an error.</summary>
    public override bool Complete(ReplyHeader header, ref JuteReader body, WatchRegistry watches)
    {
        if (header.Error != ZooKeeperErrorCode.NoNode || Type != OpCode.Exists)
        {
            return base.Complete(header, ref body, watches);
        }

        TryFinish(default!);
        return true;
    }

    public override void Detach() => Release();

    protected override void Consumed() => Release();

    private void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0)
        {
            return;
        }

        TrimBody(KeptBuffer);
        if (Interlocked.Increment(ref s_pooled) <= MaxPooled)
        {
            s_pool.Enqueue(this);
        }
        else
        {
            Interlocked.Decrement(ref s_pooled);
        }
    }
}
