using RingKeeper.Cli.Commands;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli.Handlers;

/// <summary>Shows what the checkers agreed on, once or at every change.</summary>
internal static class StatusHandler
{
    public static async Task<int> RunAsync(StatusRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        using var loggers = request.Log.CreateFactory();
        await using var connector = await ZKConnector.ConnectAsync(Connection.To(request.ZooKeeper, loggers), cancellationToken);
        if (!request.Watch)
        {
            Write(await ReadAsync(connector, request.Name, cancellationToken), request.Json, output);
            return ExitCodes.Done;
        }

        try
        {
            await FollowAsync(connector, request, output, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how a watch ends.
        }

        return ExitCodes.Done;
    }

    private static async Task FollowAsync(ZKConnector connector, StatusRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        await using var watch = await connector.Client.WatchAsync(ZKPaths.Cluster(request.Name), WatchMode.PersistentRecursive, cancellationToken);
        var shown = await ReadAsync(connector, request.Name, cancellationToken);
        Write(shown, request.Json, output);
        var trouble = "";
        await foreach (var change in watch.ReadAllAsync(cancellationToken))
        {
            if (change.Type == WatchedEventType.SessionExpired)
            {
                continue;
            }

            try
            {
                var status = await ReadAsync(connector, request.Name, cancellationToken);
                trouble = "";
                if (!status.Equals(shown))
                {
                    Write(status, request.Json, output);
                    shown = status;
                }
            }
            catch (Exception e) when (e is ZooKeeperException or RingKeeperException)
            {
                // The watch goes on: a reconnect is an event of its own.
                if (trouble != e.Message)
                {
                    trouble = e.Message;
                    output.WriteDiagnostic($"ringkeeper: {e.Message}");
                }
            }
        }
    }

    private static async Task<ClusterStatus> ReadAsync(ZKConnector connector, string name, CancellationToken cancellationToken)
    {
        var cluster = await connector.GetClusterAsync(name, cancellationToken);
        var status = await connector.GetStatusAsync(name, cancellationToken);
        var checkers = await connector.GetCheckersAsync(name, cancellationToken);
        var open = await connector.GetOpenNodesAsync(name, cancellationToken);
        return new ClusterStatus(name, cluster.Options.ExpectedCheckers, new ValueList<string>(open), new ValueList<string>(cluster.RestoredFields), new ValueList<string>(checkers), new ValueList<ShardState>(
            [.. cluster.Shards.Select(s => new ShardState(s.Name, s.Addr, status.GetValueOrDefault(s.Addr)?.Alive, status.GetValueOrDefault(s.Addr)?.Since))]));
    }

    private static void Write(ClusterStatus status, bool json, CliOutput output)
    {
        if (json)
        {
            output.WriteJson(new { status.Name, status.ExpectedCheckers, OpenNodes = status.Open.Items, RestoredFields = status.Restored.Items, Checkers = status.Checkers.Items, status.Leader, Shards = status.Shards.Items });
            return;
        }

        var expected = status.ExpectedCheckers is { } count ? $" of {count} expected" : "";
        var leader = status.Leader is { } first ? $", {first} is first in line" : ": nobody decides";
        output.WriteLine($"cluster {status.Name}: {status.Checkers.Items.Count} checker(s) present{expected}{leader}");
        if (OpenNodes.Describe(status.Name, status.Open.Items) is { } open)
        {
            output.WriteLine(open);
        }

        if (RestoredFields.Describe(status.Restored.Items) is { } restored)
        {
            output.WriteLine(restored);
        }

        output.WriteTable(
            ["shard", "address", "state", "since"],
            [.. status.Shards.Items.Select(s => (string[])[s.Name, s.Addr, s.Alive switch { true => "alive", false => "dead", null => "undecided" }, s.Since is { } since ? Times.OfStamp(since) : "-"])]);
    }

    private sealed record ClusterStatus(string Name, int? ExpectedCheckers, ValueList<string> Open, ValueList<string> Restored, ValueList<string> Checkers, ValueList<ShardState> Shards)
    {
        public string? Leader => Checkers.Items.Count > 0 ? Checkers.Items[0] : null;
    }

    private sealed record ShardState(string Name, string Addr, bool? Alive, long? Since);

    /// <summary>A list that equals another with the same items.</summary>
    private sealed record ValueList<T>(IReadOnlyList<T> Items)
    {
        public bool Equals(ValueList<T>? other) => other is not null && Items.SequenceEqual(other.Items);

        public override int GetHashCode() => Items.Count;
    }
}
