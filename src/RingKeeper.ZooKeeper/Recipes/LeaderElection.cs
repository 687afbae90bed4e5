using System.Runtime.CompilerServices;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// Elects one leader among those who ask, in the order in which they asked. Safe for concurrent use; it holds nothing itself and needs no disposal.
/// </summary>
/// <remarks>
/// After the recipe of Apache ZooKeeper's documentation: an ephemeral numbered znode each below the election's path, of which the lowest leads and each watches the one before it, so that a leader's end
/// wakes one. <see cref="Tenure"/> says what leading rests on.
/// </remarks>
public sealed class LeaderElection
{
    private const string Prefix = "lead-";

    private readonly ZooKeeperClient _client;
    private readonly TenureOptions _options;

    /// <summary>Describes an election; nothing is asked of the servers yet.</summary>
    /// <param name="client">The client whose session leads.</param>
    /// <param name="path">The election's znode; it is made when it is missing, and stays.</param>
    /// <param name="options">The options (default: the defaults).</param>
    /// <exception cref="ArgumentException">The path or an option is invalid.</exception>
    public LeaderElection(ZooKeeperClient client, string path, TenureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        RecipePath.Check(path);
        (_client, Path, _options) = (client, path, options ?? new TenureOptions());
        TenureOptions.Check(_options);
    }

    /// <summary>Gets the election's znode.</summary>
    public string Path { get; }

    /// <summary>Stands for election and waits to lead, through losses of connection and session.</summary>
    /// <param name="cancellationToken">Gives up; the place in line is given up too, in the background where there is no connection.</param>
    /// <returns>The lead. When it is lost, stand again.</returns>
    /// <exception cref="ZooKeeperException">The servers refused it for a reason that does not pass, such as a missing permission.</exception>
    /// <exception cref="ObjectDisposedException">The client is closed.</exception>
    public async Task<Leadership> LeadAsync(CancellationToken cancellationToken = default) =>
        new(_client, (await new Contender(_client, Path, Prefix, _options).TakeTurnAsync(waits: true, cancellationToken).ConfigureAwait(false))!);

    /// <summary>Leads again and again: stands for election, runs what a leader does, and stands again when that returns or the lead is lost.</summary>
    /// <param name="lead">What a leader does. Its token is cancelled when the lead is lost or the run is to end; the next leader does not wait for it to return.</param>
    /// <param name="cancellationToken">Ends it; the lead is given up once <paramref name="lead"/> has returned.</param>
    /// <returns>A task that ends by cancellation, or with what <paramref name="lead"/> throws while it leads.</returns>
    public async Task RunAsync(Func<Leadership, CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lead);
        while (true)
        {
            var leadership = await LeadAsync(cancellationToken).ConfigureAwait(false);
            await using (leadership.ConfigureAwait(false))
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(leadership.LostToken, cancellationToken);
                try
                {
                    await lead(leadership, either.Token).ConfigureAwait(false);
                }
                catch (Exception e) when (leadership.LostToken.IsCancellationRequested && e is OperationCanceledException or TenureLostException)
                {
                    // It was told to stop.
                }

                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Reads who takes part, the leader first. One that is first may not have learned it yet, or have lost its lease.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The participants as the connected server knows them.</returns>
    public async Task<IReadOnlyList<ElectionParticipant>> GetParticipantsAsync(CancellationToken cancellationToken = default)
    {
        var reads = (await ListAsync(cancellationToken).ConfigureAwait(false)).Select(name => TryReadAsync(name, cancellationToken)).ToList();
        var participants = await Task.WhenAll(reads).ConfigureAwait(false);
        return [.. participants.OfType<ElectionParticipant>()];
    }

    /// <summary>
    /// Follows who is first in line: the present one, then each change; null while there is none. Between two changes others may have led for a moment. It watches one znode, so that followers are woken by a change alone.
    /// </summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The leaders. Ends when the client is closed.</returns>
    public async IAsyncEnumerable<ElectionParticipant?> WatchLeaderAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ElectionParticipant? last = null;
        var isFirst = true;
        while (true)
        {
            (ElectionParticipant? Leader, Task<WatchedEvent> Changed) now;
            try
            {
                await _client.WhenConnectedAsync(cancellationToken).ConfigureAwait(false);
                now = await LookAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ZooKeeperException e) when (SessionRules.IsPassing(e))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), _client.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
                continue;
            }
            catch (ObjectDisposedException)
            {
                yield break;
            }

            if (isFirst || last?.Path != now.Leader?.Path)
            {
                (last, isFirst) = (now.Leader, false);
                yield return now.Leader;
            }

            await now.Changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // The watch fires when the leader may be another one: it went, or where there was none, something came.
    private async Task<(ElectionParticipant? Leader, Task<WatchedEvent> Changed)> LookAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if ((await ListAsync(cancellationToken).ConfigureAwait(false)) is [var first, ..])
            {
                try
                {
                    var watch = await _client.GetChildrenAndWatchAsync(SessionRules.Join(Path, first), cancellationToken).ConfigureAwait(false);
                    if (await TryReadAsync(first, cancellationToken).ConfigureAwait(false) is { } leader)
                    {
                        return (leader, watch.Changed);
                    }
                }
                catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
                {
                    // It went just now.
                }

                continue;
            }

            try
            {
                var watch = await _client.GetChildrenAndWatchAsync(Path, cancellationToken).ConfigureAwait(false);
                if (InOrder(watch.Value.Names).Count == 0)
                {
                    return (null, watch.Changed);
                }
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
            {
                var watch = await _client.ExistsAndWatchAsync(Path, cancellationToken).ConfigureAwait(false);
                if (watch.Value is null)
                {
                    return (null, watch.Changed);
                }
            }
        }
    }

    private async Task<List<string>> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            return InOrder((await _client.GetChildrenAsync(Path, cancellationToken).ConfigureAwait(false)).Names);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            return [];
        }
    }

    private static List<string> InOrder(IEnumerable<string> names) =>
        SequentialLine.InOrder(names, static (string name, out int number) => Contender.TryGetNumber(name, Prefix, out number), wraps: true);

    private async Task<ElectionParticipant?> TryReadAsync(string name, CancellationToken cancellationToken)
    {
        var path = SessionRules.Join(Path, name);
        try
        {
            var (data, stat) = await _client.GetDataAsync(path, cancellationToken).ConfigureAwait(false);
            return new ElectionParticipant(path, stat.EphemeralOwner, stat.Czxid, data);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            return null;
        }
    }
}
