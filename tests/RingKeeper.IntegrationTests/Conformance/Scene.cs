using System.Globalization;
using RingKeeper.IntegrationTests.Embedded;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>
/// Several sessions on one server and a root of their own. It tells what each step did in words that do not hang on the server:
/// zxids count from the one that made the root, sessions are numbered, and what has no order is sorted.
/// </summary>
internal sealed class Scene : IAsyncDisposable
{
    private readonly int _port;
    private readonly string _root;
    private readonly List<Talker> _talkers = [];
    private readonly Dictionary<long, string> _names = [];
    private long _zxid;

    private Scene(int port, string root)
    {
        _port = port;
        _root = root + "/scene";
    }

    public static async Task<Scene> OpenAsync(int port, string root)
    {
        var scene = new Scene(port, root);
        for (var who = 0; who < Step.Sessions; who++)
        {
            scene._talkers.Add(await scene.ConnectAsync());
        }

        // A few znodes to begin with, in a folder of the scene's own: what an earlier scene left behind must not show in this one.
        await scene._talkers[0].DoAsync(Request.Create(root));
        scene._zxid = (await scene._talkers[0].DoAsync(Request.Create(scene._root))).Zxid;
        foreach (var path in Step.PathsToBeginWith)
        {
            await scene._talkers[0].DoAsync(Request.Create(scene._root + path));
        }

        return scene;
    }

    /// <summary>Does a step and tells its reply, the events before it, and what everybody heard of it.</summary>
    public async Task<IReadOnlyList<string>> DoAsync(Step step)
    {
        var observations = new List<string> { step.ToString() };
        switch (step.Kind)
        {
            case StepKind.Reconnect:
                var old = _talkers[step.Who];
                _talkers[step.Who] = await Talker.ConnectAsync(_port, 30_000, old.Greeting, _zxid);
                observations.Add($"{Name(_talkers[step.Who].SessionId)}, {(await old.Connection.ReadToEndAsync()).Length} bytes on the old connection");
                old.Dispose();
                break;
            case StepKind.CloseAndOpen:
                var closing = _talkers[step.Who];
                var closed = await closing.CallAsync(Request.Of(OpCode.CloseSession));
                observations.Add($"{closed.Error} {Zxid(closed.Zxid)} {closed.Body.Length}");
                observations.AddRange(Tell(step.Who, closing.TakeEvents(), step));
                observations.Add($"{(await closing.Connection.ReadToEndAsync()).Length} bytes after the close");
                closing.Dispose();
                _talkers[step.Who] = await ConnectAsync();
                break;
            default:
                var request = step.Build(_root, _zxid);
                var reply = await _talkers[step.Who].CallAsync(request);
                observations.Add($"{reply.Error} {Zxid(reply.Zxid)} {(reply.Error == ZooKeeperErrorCode.Ok ? Describe(request.Type, reply) : $"{reply.Body.Length} bytes")}");
                observations.AddRange(Tell(step.Who, _talkers[step.Who].TakeEvents(), step));
                break;
        }

        for (var who = 0; who < Step.Sessions; who++)
        {
            observations.AddRange(Tell(who, await _talkers[who].EventsAsync(), step));
        }

        return observations;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var talker in _talkers)
        {
            await talker.CloseAsync(_port);
            talker.Dispose();
        }
    }

    private async Task<Talker> ConnectAsync()
    {
        var talker = await Talker.ConnectAsync(_port, 30_000);
        _names[talker.SessionId] = $"session {_names.Count}";
        return talker;
    }

    // The ephemerals of a session go in the order of a hash table.
    private static IEnumerable<string> Tell(int who, IReadOnlyList<string> events, Step step) =>
        (step.Kind == StepKind.CloseAndOpen ? events.Order(StringComparer.Ordinal) : events.AsEnumerable()).Select(text => $"{who} hears {text}");

    private string Describe(OpCode type, RawReply reply) => type switch
    {
        OpCode.Create or OpCode.Sync => $"{reply.Text} of {reply.Body.Length} bytes",
        OpCode.Create2 or OpCode.CreateContainer or OpCode.CreateTtl => $"{reply.Text} {Describe(reply.Stat)} of {reply.Body.Length} bytes",
        OpCode.Exists or OpCode.SetData or OpCode.SetAcl => $"{Describe(reply.Stat)} of {reply.Body.Length} bytes",
        OpCode.GetData => $"{Describe(reply.Data)} {Describe(reply.Stat)} of {reply.Body.Length} bytes",
        OpCode.GetAcl => $"{string.Join(", ", reply.Acl.Select(entry => $"{entry.Permissions} {entry.Scheme} {entry.Id}").Order(StringComparer.Ordinal))} {Describe(reply.Stat)}",
        OpCode.GetChildren or OpCode.GetEphemerals => $"{string.Join(", ", reply.Names)} in {reply.Body.Length} bytes",
        OpCode.GetChildren2 => $"{string.Join(", ", reply.Names)} {Describe(reply.Stat)}",
        OpCode.Multi or OpCode.MultiRead => string.Join("; ", MultiResult.Parse(reply.Body).Select(Describe)),
        OpCode.WhoAmI => $"{reply.Number} identities in {reply.Body.Length} bytes",
        _ => Convert.ToHexString(reply.Body),
    };

    private string Describe(MultiResult result) =>
        $"{result.Type} {result.Error} {result.Path} {(result.Names is null ? "" : string.Join(", ", result.Names))} {Describe(result.Data)} {(result.Stat is null ? "" : Describe(result.Stat.Value))}";

    private string Describe(Stat stat) => string.Create(
        CultureInfo.InvariantCulture,
        $"c{Zxid(stat.Czxid)} m{Zxid(stat.Mzxid)} p{Zxid(stat.Pzxid)} v{stat.Version} cv{stat.Cversion} av{stat.Aversion} {Name(stat.EphemeralOwner)} {stat.DataLength} B {stat.NumChildren} children {Times(stat)}");

    private static string Times(Stat stat) =>
        stat.Mzxid == stat.Czxid ? (stat.Mtime == stat.Ctime ? "unchanged" : "changed without a zxid") : (stat.Mtime >= stat.Ctime ? "changed later" : "changed earlier");

    private static string Describe(byte[]? data) => data is null ? "null" : Convert.ToHexString(data);

    private string Name(long sessionId) => sessionId == 0 ? "nobody" : _names.GetValueOrDefault(sessionId, "a stranger");

    private string Zxid(long zxid) => zxid <= 0 ? $"{zxid}" : $"+{zxid - _zxid}";
}
