using System.Text;
using RingKeeper.Cli.Commands;
using RingKeeper.Cli.Documents;

namespace RingKeeper.Cli.Handlers;

/// <summary>Counts what deaths and changes would move; reads only.</summary>
internal static class SimulateHandler
{
    public static async Task<int> RunAsync(SimulateRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        var (cluster, dead) = request.ZooKeeper is { } zooKeeper ? await ReadAsync(zooKeeper, request.Name!, output, cancellationToken) : await ReadFileAsync(request, cancellationToken);
        if (request.AllAlive)
        {
            dead = [.. cluster.Shards.Where(static shard => shard.Drained).Select(static shard => shard.Name)];
        }

        var what = WhatIf.Of(cluster, dead, request.Kill, request.Add, request.Remove, request.Weights);
        var exact = request is { Keys: null, Sample: null } && KeyFlow.CanBeExact(what);

        // A pipe's read cannot be cancelled; it is left behind where Ctrl-C ends the command.
        var flow = await Task.Run(() => Count(what, exact, request, cluster.Options.HashTag, cancellationToken), cancellationToken).WaitAsync(cancellationToken);
        new WhatIfReport(cluster.Name, what, WhatIfResult.Of(what, flow, exact)).Write(request.Json, output);
        return ExitCodes.Done;
    }

    private static async Task<(ClusterDocument Cluster, HashSet<string> Dead)> ReadAsync(ZooKeeperAccess zooKeeper, string name, CliOutput output, CancellationToken cancellationToken)
    {
        await using var connector = await ZKConnector.ConnectAsync(Connection.To(zooKeeper), cancellationToken);
        var cluster = await connector.GetClusterAsync(name, cancellationToken);
        var status = await connector.GetStatusAsync(name, cancellationToken);
        foreach (var shard in cluster.Shards.Where(shard => !status.ContainsKey(shard.Addr)))
        {
            output.WriteDiagnostic($"ringkeeper: nothing is decided about shard {shard.Name} yet; it is counted as alive");
        }

        return (
            ClusterDocument.Of(cluster) with { Place = "The cluster as it would be" },
            cluster.Shards.Where(shard => shard.Drained || status.GetValueOrDefault(shard.Addr) is { Alive: false }).Select(static shard => shard.Name).ToHashSet(StringComparer.Ordinal));
    }

    private static async Task<(ClusterDocument Cluster, HashSet<string> Dead)> ReadFileAsync(SimulateRequest request, CancellationToken cancellationToken)
    {
        var file = DocumentFile.NameOf(request.File!);
        var documents = ClusterDocumentReader.Read(file, await DocumentFile.ReadAsync(request.File!, request.Input, cancellationToken));
        var cluster = request.Name is null && documents.Count == 1 ? documents[0] : documents.FirstOrDefault(document => document.Name == request.Name);
        return cluster is null
            ? throw new RingKeeperException($"{file} {(request.Name is null ? "describes several clusters; give the NAME of one of them" : $"describes no cluster '{request.Name}'")}: {string.Join(", ", documents.Select(static document => document.Name))}.")
            : (cluster, cluster.Shards.Where(static shard => shard.Drained).Select(static shard => shard.Name).ToHashSet(StringComparer.Ordinal));
    }

    private static KeyFlow Count(WhatIf what, bool exact, SimulateRequest request, string? tag, CancellationToken cancellationToken)
    {
        var flow = new KeyFlow(what);
        if (exact)
        {
            flow.AddKeySpace();
            return flow;
        }

        if (request.Keys is null)
        {
            foreach (var key in SampleKeys.Of(string.IsNullOrEmpty(tag) ? [] : [tag], request.Sample ?? SampleKeys.Count))
            {
                flow.AddKey(key);
            }

            return flow;
        }

        AddKeys(flow, request, cancellationToken);
        return flow.Sums.Count > 0 ? flow : throw new RingKeeperException($"{DocumentFile.NameOf(request.Keys)} holds no key. Write one a line.");
    }

    // One line at a time, so that memory does not hang on their number.
    private static void AddKeys(KeyFlow flow, SimulateRequest request, CancellationToken cancellationToken)
    {
        using var opened = request.Keys == DocumentFile.StandardInput ? null : new StreamReader(request.Keys!, new UTF8Encoding(false, throwOnInvalidBytes: true));
        var reader = opened ?? request.Input;
        var bytes = new byte[256];
        try
        {
            while (reader.ReadLine() is { } key)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (key.Length == 0)
                {
                    continue;
                }

                bytes = Encoding.UTF8.GetMaxByteCount(key.Length) <= bytes.Length ? bytes : new byte[Encoding.UTF8.GetMaxByteCount(key.Length)];
                flow.AddKey(bytes.AsSpan(0, Encoding.UTF8.GetBytes(key, bytes)));
            }
        }
        catch (DecoderFallbackException e)
        {
            throw new RingKeeperException($"{DocumentFile.NameOf(request.Keys!)} is not text in UTF-8.", e);
        }
    }
}
