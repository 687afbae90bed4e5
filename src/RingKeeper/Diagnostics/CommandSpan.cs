using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace RingKeeper;

/// <summary>One command that is told of: an activity where somebody samples it, and a duration. Names by OpenTelemetry's conventions for Redis.</summary>
internal readonly struct CommandSpan
{
    private static readonly Histogram<double> Duration = RingKeeperTelemetry.Meter.CreateHistogram(
        "db.client.operation.duration",
        "s",
        "Duration of Redis commands, from the call to the answer, waiting for a route included.",
        null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] });

    private readonly string _operation;
    private readonly long _start;
    private readonly Activity? _activity;

    private CommandSpan(string operation, Activity? activity)
    {
        _operation = operation;
        _activity = activity;
        _start = TimeProvider.System.GetTimestamp();
    }

    /// <summary>Whether anybody listens.</summary>
    public static bool IsHeard => RingKeeperTelemetry.Activities.HasListeners() || Duration.Enabled;

    /// <summary>Begins to measure. The caller's activity stays the current one.</summary>
    public static CommandSpan Begin(string operation, int size) => new(operation, RingKeeperTelemetry.Activities.HasListeners() ? TryStart(operation, size) : null);

    /// <summary>Makes it the parent of what begins until <see cref="Leave"/>.</summary>
    /// <returns>The current activity so far.</returns>
    public Activity? Enter()
    {
        var outer = Activity.Current;
        if (_activity is not null)
        {
            Activity.Current = _activity;
        }

        return outer;
    }

    /// <summary>Undoes <see cref="Enter"/>.</summary>
    public void Leave(Activity? outer)
    {
        if (_activity is not null)
        {
            Activity.Current = outer;
        }
    }

    /// <summary>Ends it.</summary>
    /// <param name="route">Where the command went; null where it found no route, or more than one.</param>
    /// <param name="error">Why it failed; null where it did not.</param>
    public void End(ShardRoute? route, Exception? error)
    {
        try
        {
            var status = error is null ? null : CommandError.StatusOf(error);
            var type = error is null ? null : status ?? CommandError.TypeOf(error);
            var shard = route is { Shard: { } served } ? ShardTags.Of(served) : null;
            if (Duration.Enabled)
            {
                Record(shard, status, type);
            }

            if (_activity is not null)
            {
                Stop(_activity, route, shard, status, type);
            }
        }
#pragma warning disable CA1031 // A listener of the user must not keep the caller of a command from its result, and there is nobody else to tell.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private static Activity? TryStart(string operation, int size)
    {
        var current = Activity.Current;
        try
        {
            var activity = RingKeeperTelemetry.Activities.StartActivity(operation, ActivityKind.Client)
                ?.SetTag("db.system.name", "redis").SetTag("db.operation.name", operation);
            return size > 1 ? activity?.SetTag("db.operation.batch.size", size) : activity;
        }
#pragma warning disable CA1031 // A listener of the user must not keep the caller of a command from sending it, and there is nobody else to tell.
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

    private void Record(ShardTags? shard, string? status, string? type)
    {
        var tags = new TagList { { "db.system.name", "redis" }, { "db.operation.name", _operation } };
        if (shard is { Host: not null })
        {
            tags.Add("server.address", shard.Host);
            tags.Add("server.port", shard.Port);
        }

        if (status is not null)
        {
            tags.Add("db.response.status_code", status);
        }

        if (type is not null)
        {
            tags.Add("error.type", type);
        }

        Duration.Record(TimeProvider.System.GetElapsedTime(_start).TotalSeconds, tags);
    }

    private static void Stop(Activity activity, ShardRoute? route, ShardTags? shard, string? status, string? type)
    {
        if (shard is not null)
        {
            activity.SetTag(RingKeeperTelemetry.ShardTag, shard.Name);
            activity.SetTag("db.namespace", route!.Value.Database.Database.ToString(CultureInfo.InvariantCulture));
        }

        if (shard is { Host: not null })
        {
            activity.SetTag("server.address", shard.Host).SetTag("server.port", shard.Port);
        }

        if (type is not null)
        {
            // No description: a server's sentence may quote what it was sent.
            activity.SetTag("db.response.status_code", status).SetTag("error.type", type).SetStatus(ActivityStatusCode.Error);
        }

        // Stopping makes its parent the current one, on a thread that has another, or none.
        var current = Activity.Current;
        activity.Stop();
        Activity.Current = current;
    }
}
