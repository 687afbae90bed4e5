using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>A read that leaves a one-shot watch. The watch flag is the last byte of its record.</summary>
/// <param name="type">exists, getData or getChildren2.</param>
/// <param name="path">The path as the caller gave it.</param>
/// <param name="body">The encoded record.</param>
/// <param name="kind">What is watched when the znode exists.</param>
/// <param name="parse">Reads the answer.</param>
internal sealed class WatchedRead<T>(OpCode type, string path, byte[] body, OneShotKind kind, ReplyParser<T> parse)
    : Request<WatchedResult<T>>(type, path, body, static (ref JuteReader _, Chroot _) => default, Chroot.None)
{
    private bool _covered;

    public override bool Prepare(WatchRegistry watches)
    {
        _covered = watches.BeginRead(Path!);
        Body[^1] = _covered ? (byte)0 : (byte)1;
        return true;
    }

    public override bool Complete(ReplyHeader header, ref JuteReader body, WatchRegistry watches)
    {
        var missing = header.Error == ZooKeeperErrorCode.NoNode && Type == OpCode.Exists;
        if (header.Error != ZooKeeperErrorCode.Ok && !missing)
        {
            watches.EndRequest(Path!);
            return base.Complete(header, ref body, watches);
        }

        if (_covered && !watches.IsArmed(Path!))
        {
            // It relied on an addWatch sent before it, which the server has refused since: read again with a watch of its own.
            watches.EndRequest(Path!);
            return false;
        }

        var value = missing ? default! : parse(ref body, Chroot.None);
        var watch = new OneShotWatch(missing ? OneShotKind.Exist : kind);
        if (TryFinish(new WatchedResult<T>(value, watch.Task)))
        {
            watches.AddOneShot(Path!, watch);
        }

        // A caller who gave up owns no watch. The server's one-shot may stay: its single event will find nobody.
        watches.EndRequest(Path!);
        return true;
    }
}

/// <summary>addWatch: each subscription sends its own, so that it is known to be armed; the server keeps one watch for the path.</summary>
internal sealed class AddWatchRequest(string path, byte[] body, WatchMode wanted, Func<WatchMode, WatchSubscription> subscribe)
    : Request<WatchSubscription>(OpCode.AddWatch, path, body, static (ref JuteReader _, Chroot _) => null!, Chroot.None)
{
    private WatchMode _mode;

    public override bool Prepare(WatchRegistry watches)
    {
        _mode = watches.BeginArm(Path!, wanted);
        Body[^1] = (byte)_mode;
        return true;
    }

    public override bool Complete(ReplyHeader header, ref JuteReader body, WatchRegistry watches)
    {
        if (header.Error != ZooKeeperErrorCode.Ok)
        {
            watches.ArmRefused(Path!);
            watches.EndRequest(Path!);
            return base.Complete(header, ref body, watches);
        }

        watches.Armed(Path!, _mode);
        var subscription = subscribe(wanted);
        if (TryFinish(subscription))
        {
            watches.AddSubscription(subscription);
        }

        // If the caller gave up, this finds the path idle and has the watch removed.
        watches.EndRequest(Path!);
        return true;
    }
}

/// <summary>removeWatches, of type any, which servers before 3.9 know as the only way; sent only where nobody relies on a watch of the path.</summary>
internal sealed class RemoveWatchRequest(string path, byte[] body) : Request(OpCode.RemoveWatches, path, body)
{
    public const int AnyType = 3;

    public override bool Prepare(WatchRegistry watches) => watches.BeginRemoval(Path!);

    // Whether the server still knew the watch does not matter: nobody listens to it any more.
    public override bool Complete(ReplyHeader header, ref JuteReader body, WatchRegistry watches) => true;

    public override void Fail(ZooKeeperErrorCode code, OperationOutcome outcome, string? message)
    {
        // The watch dies with the connection.
    }
}

/// <summary>One batch of setWatches or setWatches2 after a reconnect. The events it yields come before its reply.</summary>
internal sealed class SetWatchesRequest(
    OpCode type, byte[] body, IReadOnlyList<KeyValuePair<string, OneShotKind>> oneShots, IReadOnlyList<KeyValuePair<string, WatchMode>> persistent)
    : Request(type, path: null, body)
{
    public override string Subject => $"{Type} of {Count} watches";

    public int Count => oneShots.Count + persistent.Count;

    /// <summary>Why the server did not set them; null if it did, or was not asked yet.</summary>
    public ZooKeeperErrorCode? Refusal { get; private set; }

    public override bool Prepare(WatchRegistry watches)
    {
        foreach (var (path, mode) in persistent)
        {
            watches.BeginRearm(path, mode);
        }

        return true;
    }

    public override bool Complete(ReplyHeader header, ref JuteReader body, WatchRegistry watches)
    {
        switch (header.Error)
        {
            case ZooKeeperErrorCode.Ok:
                foreach (var (path, mode) in persistent)
                {
                    watches.Rearmed(path, mode);
                }

                return true;
            case ZooKeeperErrorCode.Unimplemented:
                // The connection ends with this; the next one to this server does without.
                return true;
            case ZooKeeperErrorCode.ThrottledOperation:
                // It will take them at another time.
                throw new ProtocolViolationException("The server is overloaded and did not set the watches again.");
            default:
                // It would refuse them on the next connection too.
                Refusal = header.Error;
                watches.RearmRefused(oneShots, persistent, header.Error);
                return true;
        }
    }

    public override void Fail(ZooKeeperErrorCode code, OperationOutcome outcome, string? message)
    {
        // The next connection sets them anew.
    }
}

/// <summary>removeWatches for all that is watched on a path: ends it here too, once the server has answered.</summary>
internal sealed class RemoveAllWatchesRequest(string path, byte[] body)
    : Request<bool>(OpCode.RemoveWatches, path, body, static (ref JuteReader _, Chroot _) => true, Chroot.None)
{
    public override bool Prepare(WatchRegistry watches)
    {
        watches.BeginRemovalOfAll(Path!);
        return true;
    }

    public override bool Complete(ReplyHeader header, ref JuteReader body, WatchRegistry watches)
    {
        var isGone = header.Error is ZooKeeperErrorCode.Ok or ZooKeeperErrorCode.NoWatcher;
        var had = watches.EndRemovalOfAll(Path!, isGone);
        if (!isGone)
        {
            return base.Complete(header, ref body, watches);
        }

        TryFinish(had);
        return true;
    }
}

/// <summary>checkWatches: that there is no such watch is an answer, not an error.</summary>
internal sealed class CheckWatchesRequest(string path, byte[] body)
    : Request<bool>(OpCode.CheckWatches, path, body, static (ref JuteReader _, Chroot _) => true, Chroot.None)
{
    public override bool Complete(ReplyHeader header, ref JuteReader body, WatchRegistry watches)
    {
        if (header.Error != ZooKeeperErrorCode.NoWatcher)
        {
            return base.Complete(header, ref body, watches);
        }

        TryFinish(false);
        return true;
    }
}
