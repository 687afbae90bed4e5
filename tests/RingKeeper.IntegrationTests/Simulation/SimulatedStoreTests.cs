using System.Globalization;
using System.Text;
using CsCheck;
using RingKeeper.Simulator;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Simulation;

/// <summary>The simulator's model of ZooKeeper against the real client on a server: whatever one session does, every answer and every one-shot watch is the same.</summary>
public sealed class SimulatedStoreTests
{
    private const int Seconds = 5;
    private static readonly string[] Names = ["a", "b", "a/x", "a/y", "b/x"];

    private static readonly Gen<StoreStep> AnyStep = Gen.Select(Gen.Enum<StoreStepKind>(), Gen.Int[0, Names.Length - 1], Gen.Int[-1, 2], Gen.Int[0, Names.Length - 1], static (kind, path, version, other) =>
        new StoreStep(kind, Names[path], version, Names[other]));

    private int _roots;

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task The_model_and_the_real_client_answer_any_sequence_of_operations_alike()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(new ZooKeeperClientOptions { ConnectString = server.ConnectString });
        await AnyStep.Array[1, 40].SampleAsync(
            async steps =>
            {
                var root = $"/r{Interlocked.Increment(ref _roots)}";
                var expected = await new StoreScene(client, root).RunAsync(steps);
                Assert.Equal(expected, RunOnModel(steps, root));
            },
            time: Seconds,
            threads: 1,
            print: static steps => string.Join(Environment.NewLine, steps.AsEnumerable()));
    }

    // On a thread of its own, where nothing but the agenda goes on; a step that the model leaves unanswered ends as no line at all.
    private static List<string> RunOnModel(StoreStep[] steps, string root)
    {
        List<string> lines = [];
        var thread = new Thread(
            () =>
            {
                var agenda = new Agenda();
                var network = new Network(agenda, new Random(1), new FaultCounter(), hosts: 4);
                var ensemble = new SimulatedEnsemble(agenda, network, new Random(2), [0, 1, 2]);
                var store = new SimulatedStore(network, ensemble, new SimulatedProcess(agenda, host: 3), new Random(3), TimeSpan.FromSeconds(10));
                var running = new StoreScene(store, root).RunAsync(steps);
                agenda.RunUntil(TimeSpan.FromMinutes(1).Ticks, () => running.IsCompleted);
                lines = running.IsCompletedSuccessfully ? running.Result : [running.Exception?.ToString() ?? "no answer"];
            },
            16 * 1024 * 1024);
        thread.Start();
        thread.Join();
        return lines;
    }

    private enum StoreStepKind
    {
        Create,
        CreateNumbered,
        Delete,
        Set,
        Get,
        Exists,
        Children,
        ChildrenAndWatch,
        Multi,
    }

    private sealed record StoreStep(StoreStepKind Kind, string Path, int Version, string Other);

    /// <summary>One session, and what it is told, in lines that hold nothing of the time and of zxids.</summary>
    private sealed class StoreScene(IZNodeStore store, string root)
    {
        private readonly List<string> _lines = [];
        private readonly List<(string Path, Task<WatchedEvent> Changed)> _watches = [];

        public async Task<List<string>> RunAsync(StoreStep[] steps)
        {
            await store.CreateAsync(root, default, cancellationToken: CancellationToken.None).ConfigureAwait(false);
            foreach (var step in steps)
            {
                _lines.Add($"{step.Kind} {step.Path}: {await TryAsync(step).ConfigureAwait(false)}");
            }

            // Answered after all that was done, so that every event is there: what one connection tells comes in order.
            await store.ExistsAsync(root, CancellationToken.None).ConfigureAwait(false);
            foreach (var (path, changed) in _watches)
            {
                _lines.Add($"children of {path}: {(changed.IsCompleted ? (await changed.ConfigureAwait(false)).Type.ToString() : "as they were")}");
            }

            return _lines;
        }

        private async Task<string> TryAsync(StoreStep step)
        {
            try
            {
                return await DoAsync(step, $"{root}/{step.Path}").ConfigureAwait(false);
            }
            catch (ZooKeeperMultiException e)
            {
                return $"{e.Code} at {e.FailedIndex}, {e.Path?[root.Length..]}";
            }
            catch (ZooKeeperException e)
            {
                return $"{e.Code}, {e.Outcome}, {e.Path?[root.Length..]}";
            }
        }

        private async Task<string> DoAsync(StoreStep step, string path)
        {
            var data = Encoding.UTF8.GetBytes(step.Other);
            switch (step.Kind)
            {
                case StoreStepKind.Create:
                    return (await store.CreateAsync(path, data, step.Version == 2 ? CreateMode.Ephemeral : CreateMode.Persistent, cancellationToken: CancellationToken.None).ConfigureAwait(false))[root.Length..];
                case StoreStepKind.CreateNumbered:
                    return (await store.CreateAsync(path + "/n_", data, CreateMode.EphemeralSequential, cancellationToken: CancellationToken.None).ConfigureAwait(false))[root.Length..];
                case StoreStepKind.Delete:
                    await store.DeleteAsync(path, step.Version, CancellationToken.None).ConfigureAwait(false);
                    return "";
                case StoreStepKind.Set:
                    return Describe(await store.SetDataAsync(path, data, step.Version, CancellationToken.None).ConfigureAwait(false));
                case StoreStepKind.Get:
                    var (read, stat) = await store.GetDataAsync(path, CancellationToken.None).ConfigureAwait(false);
                    return $"{Encoding.UTF8.GetString(read)} {Describe(stat)}";
                case StoreStepKind.Exists:
                    return await store.ExistsAsync(path, CancellationToken.None).ConfigureAwait(false) is { } there ? Describe(there) : "none";
                case StoreStepKind.Children:
                    return Describe(await store.GetChildrenAsync(path, CancellationToken.None).ConfigureAwait(false));
                case StoreStepKind.ChildrenAndWatch:
                    var (children, changed) = await store.GetChildrenAndWatchAsync(path, CancellationToken.None).ConfigureAwait(false);
                    _watches.Add((step.Path, changed));
                    return Describe(children);
                default:
                    return string.Join("; ", (await store.MultiAsync(
                        [ZooKeeperOp.Check(path, step.Version), ZooKeeperOp.SetData($"{root}/{step.Other}", data), ZooKeeperOp.Create(path + "/m", data), ZooKeeperOp.Delete(path + "/m", 0)], CancellationToken.None).ConfigureAwait(false))
                        .Select(r => $"{r.Path[root.Length..]} {(r.Stat is { } s ? Describe(s) : "")}"));
            }
        }

        private static string Describe(NodeChildren children) => $"[{string.Join(',', children.Names.Order(StringComparer.Ordinal))}] {Describe(children.Stat)}";

        private static string Describe(Stat stat) => string.Create(
            CultureInfo.InvariantCulture, $"v{stat.Version} c{stat.Cversion} a{stat.Aversion} length {stat.DataLength} children {stat.NumChildren}{(stat.EphemeralOwner != 0 ? " ephemeral" : "")}");
    }
}
