using CsCheck;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>What one of several sessions does next.</summary>
/// <param name="Who">Which session.</param>
/// <param name="Kind">Whether it sends a request or changes its connection.</param>
/// <param name="Build">Makes the request for a root and the zxid that made it.</param>
internal sealed record Step(int Who, StepKind Kind, Func<string, long, Request> Build)
{
    public const int Sessions = 3;

    // Few names, so that operations meet: a parent with children, a parent of a parent, and the names that sequences make.
    private static readonly Gen<string> Path = Gen.Frequency(
        (2, ""), (6, "/a"), (3, "/b"), (5, "/a/x"), (3, "/a/y"), (2, "/a/x/z"), (3, "/e"), (1, "/e/q"), (2, "/n"), (1, "/n0000000004"), (1, "/a/"), (1, "/a//x"), (1, "/b/."));

    private static readonly Gen<int> Version = Gen.OneOf(-1, -1, -1, 0, 1, 2, -2);

    private static readonly Gen<byte[]?> Data = Gen.OneOf<byte[]?>(null, [], [1], [1, 2, 3, 4, 5]);

    private static readonly Gen<IReadOnlyList<Acl>> AnyAcl = Gen.Frequency<IReadOnlyList<Acl>>(
        (30, Gen.Const(Acl.OpenToWorld)),
        (1, Gen.Const(Acl.CreatorOnly)),
        (1, Gen.Int[0, 31].Select(bits => (IReadOnlyList<Acl>)[new Acl((AclPermissions)bits, "world", "anyone")])),
        (1, Gen.OneOf<IReadOnlyList<Acl>>(
            [],
            [new(AclPermissions.All, "ip", "127.0.0.0/8")],
            [new(AclPermissions.Read, "world", "anyone"), new(AclPermissions.Read, "world", "anyone"), Acl.Digest("u", "p")],
            [new(AclPermissions.All, "digest", "bob")])));

    private static readonly Gen<Func<string, Request>> Write = Gen.Frequency(
        (5, Gen.Select(Path, Data, Gen.OneOf(0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7), AnyAcl, Gen.OneOf(OpCode.Create, OpCode.Create2), (path, data, flags, acl, type) =>
            (Func<string, Request>)(root => Request.Create(root + path, data, flags, acl, type)))),

        // Never -1 with flags that know no time to live: Apache ZooKeeper 3.8.0 ends with an unrecoverable error on it.
        (2, Gen.Select(Path, Gen.OneOf(5, 5, 5, 6, 6, 0, 4), Gen.OneOf(1_000L, 3_600_000L, (1L << 40) - 1, 1L << 40, 0L), (path, flags, timeToLive) =>
            (Func<string, Request>)(root => Request.CreateTtl(root + path, flags, timeToLive)))),
        (1, Gen.Select(Data, AnyAcl, (data, acl) => (Func<string, Request>)(root => Request.Create(root + "/container", data, 4, acl, OpCode.CreateContainer)))),
        (2, Gen.Select(Path, Version, (path, version) => (Func<string, Request>)(root => Request.Delete(root + path, version)))),
        (3, Gen.Select(Path, Data, Version, (path, data, version) => (Func<string, Request>)(root => Request.SetData(root + path, data, version)))));

    private static readonly Gen<Func<string, Request>> Check = Gen.Select(Path, Version, (path, version) => (Func<string, Request>)(root => Request.Check(root + path, version)));

    private static readonly Gen<Func<string, Request>> MultiRead = Gen.Select(Path, Gen.Bool, (path, data) =>
        (Func<string, Request>)(root => data ? Request.GetData(root + path) : Request.GetChildren(root + path)));

    private static readonly Gen<Func<string, long, Request>> AnyRequest = Gen.Frequency(
        (20, Write.Select(OfRoot)),
        (2, Gen.Select(Path, AnyAcl, Version, (path, acl, version) => OfRoot(root => Request.SetAcl(root + path, acl, version)))),
        (6, Gen.Frequency((4, Write), (1, Check)).Array[0, 4].Select(operations => OfRoot(root => Request.Multi([.. operations.Select(build => build(root))])))),
        (2, MultiRead.Array[0, 3].Select(operations => OfRoot(root => Request.MultiRead([.. operations.Select(build => build(root))])))),
        (14, Gen.Select(Path, Gen.Bool, Gen.Int[0, 3], (path, watch, kind) => OfRoot(root => kind switch
        {
            0 => Request.Exists(root + path, watch),
            1 => Request.GetData(root + path, watch),
            2 => Request.GetChildren(root + path, watch),
            _ => Request.GetChildren2(root + path, watch),
        }))),
        (4, Gen.Select(Path, Gen.OneOf(OpCode.GetAcl, OpCode.Sync, OpCode.GetEphemerals, OpCode.GetAllChildrenNumber), (path, type) => OfRoot(root => Request.OfPath(type, root + path)))),
        (4, Gen.Select(Path, Gen.Bool, (path, recursive) => OfRoot(root => Request.AddWatch(root + path, recursive)))),
        (3, Gen.Select(Path, Gen.Int[1, 4], (path, type) => OfRoot(root => Request.OfMode(OpCode.RemoveWatches, root + path, type)))),
        (1, Gen.OneOf("u:p", "u:p", "v:q", "v:q", "super:test").Select(credentials => OfRoot(_ => Request.Auth("digest", credentials)))),
        (1, Gen.Const(OfRoot(_ => Request.Of(OpCode.WhoAmI)))),
        (4, Gen.Select(Gen.Int[0, 40], Paths(), Paths(), Paths(), Paths(), Paths(), (ago, data, exist, child, persistent, recursive) =>
            (Func<string, long, Request>)((root, zxid) => Request.SetWatches(zxid + ago, At(root, data), At(root, exist), At(root, child), At(root, persistent), At(root, recursive))))));

    public static IReadOnlyList<string> PathsToBeginWith { get; } = ["/a", "/a/x", "/b", "/e"];

    public static Gen<Step> Any { get; } = Gen.Select(
        Gen.Int[0, Sessions - 1],
        Gen.Frequency((40, Gen.Const(StepKind.Call)), (2, Gen.Const(StepKind.Reconnect)), (1, Gen.Const(StepKind.CloseAndOpen))),
        AnyRequest,
        (who, kind, build) => new Step(who, kind, build));

    public override string ToString() => Kind == StepKind.Call ? $"{Who}: {Build("", 0)}" : $"{Who}: {Kind}";

    private static Gen<string[]> Paths() => Path.Array[0, 2];

    private static string[] At(string root, string[] paths) => [.. paths.Select(path => root + path)];

    private static Func<string, long, Request> OfRoot(Func<string, Request> build) => (root, _) => build(root);
}

/// <summary>The kinds of steps.</summary>
internal enum StepKind
{
    /// <summary>Sends a request.</summary>
    Call,

    /// <summary>Takes the session to a new connection.</summary>
    Reconnect,

    /// <summary>Closes the session and opens another.</summary>
    CloseAndOpen,
}
