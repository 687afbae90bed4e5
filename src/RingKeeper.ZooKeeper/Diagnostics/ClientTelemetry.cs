using System.Diagnostics;
using System.Diagnostics.Metrics;
using RingKeeper.ZooKeeper.Session;

namespace RingKeeper.ZooKeeper;

/// <summary>What one client tells of its operations. Costs a clock reading and two looks while nobody listens.</summary>
internal sealed class ClientTelemetry(TimeProvider time)
{
    private static readonly Meter s_meter = new(ZooKeeperTelemetry.SourceName);
    private static readonly ActivitySource s_activities = new(ZooKeeperTelemetry.SourceName);

    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram(
        "db.client.operation.duration",
        "s",
        "Duration of operations, from the call to the answer.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] });

    private static readonly Counter<long> s_stateChanges = s_meter.CreateCounter<long>("zookeeper.client.session.state_changes", "{change}", "Changes of the state of sessions.");
    private static readonly Counter<long> s_gaps = s_meter.CreateCounter<long>("zookeeper.client.watch.gaps", "{gap}", "Gaps told to subscriptions: changes may have been missed.");

    // The server that answers at the moment; null between connections.
    private volatile ServerAddressTags? _server;

    public static void CountState(SessionState state) => Count(s_stateChanges, "zookeeper.session.state", ZooKeeperTelemetry.NameOf(state));

    public static void CountGap(string reason) => Count(s_gaps, "zookeeper.gap.reason", reason);

    /// <summary>Notes which server answers from now on.</summary>
    public void UseServer(ServerAddress server) => _server = new ServerAddressTags(server.Host, server.Port);

    /// <summary>Begins to measure an operation.</summary>
    public OperationSpan Begin(Request request)
    {
        var activity = s_activities.HasListeners() ? TryStart(request) : null;
        return activity is null && !s_duration.Enabled ? default : new OperationSpan(this, request.Type, time.GetTimestamp(), activity);
    }

    public void End(Wire.OpCode type, long start, Activity? activity, Exception? error)
    {
        var server = _server;
        var errorType = error switch
        {
            null => null,
            ZooKeeperException failure => failure.Code.ToString(),
            OperationCanceledException => "canceled",
            _ => error.GetType().Name,
        };
        if (s_duration.Enabled)
        {
            var tags = new TagList
            {
                { "db.system.name", "zookeeper" },
                { "db.operation.name", ZooKeeperTelemetry.NameOf(type) },
            };
            if (server is not null)
            {
                tags.Add("server.address", server.Host);
                tags.Add("server.port", server.Port);
            }

            if (errorType is not null)
            {
                tags.Add("error.type", errorType);
            }

            s_duration.Record(time.GetElapsedTime(start).TotalSeconds, tags);
        }

        if (activity is not null)
        {
            if (server is not null)
            {
                activity.SetTag("server.address", server.Host).SetTag("server.port", server.Port);
            }

            if (errorType is not null)
            {
                activity.SetTag("error.type", errorType).SetStatus(ActivityStatusCode.Error);
            }

            // Stopping makes its parent the current one, on a thread that has another, or none.
            var current = Activity.Current;
            activity.Stop();
            Activity.Current = current;
        }
    }

    private static void Count(Counter<long> counter, string tag, string value)
    {
        try
        {
            counter.Add(1, new KeyValuePair<string, object?>(tag, value));
        }
#pragma warning disable CA1031 // A listener of the user must not end the session it is told of, and there is nobody else to tell.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private static Activity? TryStart(Request request)
    {
        // The caller's activity stays the current one: this one ends on another thread.
        var current = Activity.Current;
        try
        {
            return s_activities.StartActivity(ZooKeeperTelemetry.NameOf(request.Type), ActivityKind.Client)
                ?.SetTag("db.system.name", "zookeeper").SetTag("db.operation.name", ZooKeeperTelemetry.NameOf(request.Type));
        }
#pragma warning disable CA1031 // A listener of the user must not keep the caller of an operation from making it, and there is nobody else to tell.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
        finally
        {
            Activity.Current = current;
        }
    }

    private sealed record ServerAddressTags(string Host, int Port);
}

/// <summary>One operation that is measured, or nothing.</summary>
internal readonly record struct OperationSpan(ClientTelemetry? Telemetry, Wire.OpCode Type, long Start, Activity? Activity)
{
    public void End(Exception? error)
    {
        if (Telemetry is null)
        {
            return;
        }

        try
        {
            Telemetry.End(Type, Start, Activity, error);
        }
#pragma warning disable CA1031 // A listener of the user must not keep the caller of an operation from its result, and there is nobody else to tell.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
