using System.Text;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>
/// Cuts what has to be set again into requests the server will take. One-shot watches come first: a server before 3.9 keeps the
/// mode set last, and on a path with both the persistent watch must win.
/// </summary>
internal static class SetWatchesBatches
{
    /// <summary>Path text per request, as Apache's client does it (ZOOKEEPER-706).</summary>
    public const int MaxPathBytes = 128 * 1024;

    public static IEnumerable<SetWatchesRequest> Build(RearmList list, long relativeZxid, Chroot chroot)
    {
        var batch = new Batch();
        foreach (var (path, kind) in list.OneShots)
        {
            var target = chroot.ToServer(path);
            if (!batch.HasRoomFor(target))
            {
                yield return batch.ToRequest(relativeZxid);
                batch = new Batch();
            }

            batch.Add(target, path, kind);
        }

        foreach (var (path, mode) in list.Persistent)
        {
            var target = chroot.ToServer(path);
            if (!batch.HasRoomFor(target))
            {
                yield return batch.ToRequest(relativeZxid);
                batch = new Batch();
            }

            batch.Add(target, path, mode);
        }

        if (!batch.IsEmpty)
        {
            yield return batch.ToRequest(relativeZxid);
        }
    }

    private sealed class Batch
    {
        private readonly List<string> _data = [];
        private readonly List<string> _exist = [];
        private readonly List<string> _child = [];
        private readonly List<string> _persistent = [];
        private readonly List<string> _recursive = [];
        private readonly List<KeyValuePair<string, OneShotKind>> _kinds = [];
        private readonly List<KeyValuePair<string, WatchMode>> _modes = [];
        private int _bytes;

        public bool IsEmpty => _bytes == 0;

        public bool HasRoomFor(string target) => IsEmpty || _bytes + SizeOf(target) <= MaxPathBytes;

        public void Add(string target, string path, OneShotKind kind)
        {
            var list = kind switch { OneShotKind.Data => _data, OneShotKind.Exist => _exist, _ => _child };
            list.Add(target);
            _kinds.Add(new KeyValuePair<string, OneShotKind>(path, kind));
            _bytes += SizeOf(target);
        }

        public void Add(string target, string path, WatchMode mode)
        {
            (mode == WatchMode.Persistent ? _persistent : _recursive).Add(target);
            _modes.Add(new KeyValuePair<string, WatchMode>(path, mode));
            _bytes += SizeOf(target);
        }

        public SetWatchesRequest ToRequest(long relativeZxid)
        {
            // setWatches2 came with 3.6, as did persistent watches; older servers know only setWatches.
            var withPersistent = _modes.Count > 0;
            var record = new SetWatchesRecord(relativeZxid, _data, _exist, _child, _persistent, _recursive);
            var body = RequestBody.Encode(new SetWatchesBody(record, withPersistent));
            return new SetWatchesRequest(withPersistent ? OpCode.SetWatches2 : OpCode.SetWatches, body, _kinds, _modes);
        }

        private static int SizeOf(string target) => 4 + Encoding.UTF8.GetByteCount(target);
    }
}
