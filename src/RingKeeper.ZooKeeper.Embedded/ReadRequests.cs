using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>Runs the operations that only read; they take no zxid, and a path that is no path is merely one that does not exist.</summary>
internal static class ReadRequests
{
    /// <returns>Null when the operation is not one that reads.</returns>
    public static Reply? Execute(OpCode type, ref JuteReader reader, Database database, Caller caller, IWatcher watcher) => type switch
    {
        OpCode.Exists => Exists(PathWatchRecord.Read(ref reader), database, caller, watcher),
        OpCode.GetData => GetData(PathWatchRecord.Read(ref reader), database, caller, watcher),
        OpCode.GetChildren => GetChildren(PathWatchRecord.Read(ref reader), database, caller, watcher, withStat: false),
        OpCode.GetChildren2 => GetChildren(PathWatchRecord.Read(ref reader), database, caller, watcher, withStat: true),
        OpCode.GetAcl => GetAcl(reader.ReadPath(), database.Tree, caller),
        OpCode.GetAllChildrenNumber => CountDescendants(reader.ReadPath(), database.Tree, caller),
        OpCode.GetEphemerals => ListEphemerals(reader.ReadString() ?? "", database.Tree, caller),
        OpCode.Sync => Sync(reader.ReadString()),
        OpCode.WhoAmI => WhoAmI(caller),
        OpCode.MultiRead => MultiRead(ref reader, database, caller, watcher),
        _ => null,
    };

    private static Reply Exists(PathWatchRecord request, Database database, Caller caller, IWatcher watcher)
    {
        // Of all reads this one alone looks at the path, and only for this.
        if (request.Path.Contains('\0', StringComparison.Ordinal))
        {
            return ZooKeeperErrorCode.BadArguments;
        }

        var node = database.Tree.Find(request.Path);
        if (node is not null && database.Rules.ExistsNeedsRead && !AclRules.Allows(node.Acl, AclPermissions.Read, caller.Identities))
        {
            return ZooKeeperErrorCode.NoAuth;
        }

        if (request.Watch)
        {
            database.Watches.AddData(request.Path, watcher);
        }

        return node is not null
            ? Reply.With(writer => StatRecord.Write(writer, node.ToStat()))
            : ZooKeeperErrorCode.NoNode;
    }

    private static Reply GetData(PathWatchRecord request, Database database, Caller caller, IWatcher watcher)
    {
        if (FindReadable(request.Path, database.Tree, caller, out var node) is var error and not ZooKeeperErrorCode.Ok)
        {
            return error;
        }

        if (request.Watch)
        {
            database.Watches.AddData(request.Path, watcher);
        }

        return Reply.With(writer =>
        {
            if (node!.Data is { } data)
            {
                writer.WriteBuffer(data);
            }
            else
            {
                writer.WriteNullBuffer();
            }

            StatRecord.Write(writer, node.ToStat());
        });
    }

    private static Reply GetChildren(PathWatchRecord request, Database database, Caller caller, IWatcher watcher, bool withStat)
    {
        if (FindReadable(request.Path, database.Tree, caller, out var node) is var error and not ZooKeeperErrorCode.Ok)
        {
            return error;
        }

        if (request.Watch)
        {
            database.Watches.AddChild(request.Path, watcher);
        }

        return Reply.With(writer =>
        {
            writer.WriteStrings(node!.Children);
            if (withStat)
            {
                StatRecord.Write(writer, node.ToStat());
            }
        });
    }

    private static Reply GetAcl(string path, DataTree tree, Caller caller)
    {
        if (tree.Find(path) is not { } node)
        {
            return ZooKeeperErrorCode.NoNode;
        }

        if (!AclRules.Allows(node.Acl, AclPermissions.Read | AclPermissions.Admin, caller.Identities))
        {
            return ZooKeeperErrorCode.NoAuth;
        }

        var acl = AclRules.Allows(node.Acl, AclPermissions.Admin, caller.Identities) ? node.Acl : AclRules.Mask(node.Acl);
        return Reply.With(writer =>
        {
            AclRecords.Write(writer, acl);
            StatRecord.Write(writer, node.ToStat());
        });
    }

    private static Reply CountDescendants(string path, DataTree tree, Caller caller)
    {
        var error = FindReadable(path, tree, caller, out _);
        return error == ZooKeeperErrorCode.Ok ? Reply.With(writer => writer.WriteInt32(tree.CountDescendants(path))) : error;
    }

    private static Reply ListEphemerals(string prefix, DataTree tree, Caller caller)
    {
        var paths = tree.EphemeralsOf(caller.SessionId, prefix);
        return Reply.With(writer => writer.WriteStrings(paths));
    }

    private static Reply Sync(string? path) => Reply.With(writer => writer.WriteString(path));

    private static Reply WhoAmI(Caller caller) => Reply.With(writer =>
    {
        writer.WriteInt32(caller.Identities.Count);
        foreach (var identity in caller.Identities)
        {
            writer.WriteString(identity.Scheme);
            writer.WriteString(identity.Scheme == "digest" ? identity.Id.Split(':')[0] : identity.Id);
        }
    });

    private static Reply MultiRead(ref JuteReader reader, Database database, Caller caller, IWatcher watcher)
    {
        var results = new List<(OpCode Type, Reply Reply)>();
        for (var header = MultiHeader.Read(ref reader); !header.Done; header = MultiHeader.Read(ref reader))
        {
            // There is no watch in a multi, whatever the flag says.
            var request = PathWatchRecord.Read(ref reader) with { Watch = false };
            results.Add((header.Type, header.Type switch
            {
                OpCode.GetData => GetData(request, database, caller, watcher),
                OpCode.GetChildren => GetChildren(request, database, caller, watcher, withStat: false),
                _ => throw new JuteException($"Operation {(int)header.Type} cannot be part of a multiRead."),
            }));
        }

        return Reply.With(writer =>
        {
            foreach (var (type, reply) in results)
            {
                if (reply.Error != ZooKeeperErrorCode.Ok)
                {
                    MultiRequest.WriteError(writer, reply.Error);
                    continue;
                }

                new MultiHeader(type, Done: false, 0).Write(writer);
                reply.Body!(writer);
            }

            MultiHeader.End.Write(writer);
        });
    }

    private static ZooKeeperErrorCode FindReadable(string path, DataTree tree, Caller caller, out DataNode? node)
    {
        node = tree.Find(path);
        if (node is null)
        {
            return ZooKeeperErrorCode.NoNode;
        }

        return AclRules.Allows(node.Acl, AclPermissions.Read, caller.Identities) ? ZooKeeperErrorCode.Ok : ZooKeeperErrorCode.NoAuth;
    }
}
