using Microsoft.Extensions.Logging;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// A znode whose name carries a mark of its own, <c>_c_{guid}-{name}</c> as Apache Curator's, so that it is found again when the answer to its creation was lost.
/// </summary>
internal sealed class ProtectedNode
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);

    private readonly ZooKeeperClient _client;
    private readonly string _parent;
    private readonly string _mark;
    private readonly CreateMode _mode;

    private ProtectedNode(ZooKeeperClient client, string path, CreateMode mode)
    {
        (_client, _parent, _mode) = (client, SessionRules.ParentOf(path), mode);
        _mark = $"_c_{Guid.NewGuid():D}-";
        Target = SessionRules.Join(_parent, $"{_mark}{path[(path.LastIndexOf('/') + 1)..]}");
    }

    /// <summary>The session of an ephemeral znode.</summary>
    public SessionSnapshot Session { get; private set; } = null!;

    /// <summary>The path with its number; null where it never was told.</summary>
    public string? Path { get; private set; }

    public string Name => Path![(Path!.LastIndexOf('/') + 1)..];

    private string Target { get; }

    private bool IsEphemeral => _mode is CreateMode.Ephemeral or CreateMode.EphemeralSequential;

    /// <summary>Creates it, or finds it where that is not known. Whatever else happens, one that is not handed out is deleted.</summary>
    /// <exception cref="ZooKeeperException">It was not created: never sent, refused, or its session is gone.</exception>
    public static async Task<ProtectedNode> CreateAsync(
        ZooKeeperClient client, string path, ReadOnlyMemory<byte> data, CreateMode mode, IReadOnlyList<Acl>? acl, CancellationToken cancellationToken)
    {
        var node = new ProtectedNode(client, path, mode) { Session = client.Session };
        try
        {
            node.Path = await client.CreateAsync(node.Target, data, mode, acl, cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (e.Outcome == OperationOutcome.Unknown)
        {
            node.Path = await node.FindAsync(cancellationToken).ConfigureAwait(false) ?? throw new ZooKeeperException(
                e.Code, path, OperationOutcome.NotSent, $"The connection to ZooKeeper broke while {path} was created. It was looked for and does not exist, so it may be tried again.", e);
        }
        catch (OperationCanceledException)
        {
            node.DeleteInBackground();
            throw;
        }

        // What was created while one session lasted is that session's.
        if (!node.IsEphemeral || client.Session.Epoch == node.Session.Epoch || await node.IsOfThisSessionAsync(cancellationToken).ConfigureAwait(false))
        {
            return node;
        }

        // Made by a session that was replaced while the request waited or its answer was looked for: it goes any moment.
        node.DeleteInBackground();
        throw new ZooKeeperException(
            ZooKeeperErrorCode.SessionExpired, path, OperationOutcome.NotSent, $"The session that created {path} is gone; what it created is deleted. It may be tried again.");
    }

    /// <summary>Deletes it, and goes on trying until it is gone or nothing can keep it.</summary>
    public void DeleteInBackground() => _ = Task.Run(DeleteAsync);

    /// <summary>Deletes it, and goes on trying until it is gone or nothing can keep it. Does not throw.</summary>
    public async Task DeleteAsync()
    {
        while (true)
        {
            try
            {
                await _client.WhenConnectedAsync(CancellationToken.None).ConfigureAwait(false);
                if ((Path ?? await FindAsync(CancellationToken.None).ConfigureAwait(false)) is { } path)
                {
                    await _client.DeleteAsync(path).ConfigureAwait(false);
                }

                return;
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
            {
                return;
            }
            catch (ZooKeeperException e) when (SessionRules.IsPassing(e))
            {
                await Task.Delay(RetryPause, _client.Options.TimeProvider).ConfigureAwait(false);
            }
            catch (ZooKeeperException e)
            {
                RecipeLog.NotDeleted(_client.Options.Logger, Path ?? Target, e.Message);
                return;
            }
            catch (ObjectDisposedException)
            {
                // The client ended its session, and an ephemeral znode goes with it.
                return;
            }
        }
    }

    private async Task<bool> IsOfThisSessionAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                // The request may have been sent by a later session than the one that was current when it was made.
                var session = await _client.WhenConnectedAsync(cancellationToken).ConfigureAwait(false);
                var stat = await _client.ExistsAsync(Path!, cancellationToken).ConfigureAwait(false);
                Session = session;
                return stat is { } known && known.EphemeralOwner == session.SessionId;
            }
            catch (ZooKeeperException e) when (SessionRules.IsPassing(e))
            {
                await Task.Delay(RetryPause, _client.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                DeleteInBackground();
                throw;
            }
        }
    }

    // A server that a request did not reach before the session moved on refuses it, and after a sync the new one knows what the old one did.
    private async Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await _client.WhenConnectedAsync(cancellationToken).ConfigureAwait(false);
                await _client.SyncAsync(_parent, cancellationToken).ConfigureAwait(false);
                var children = await _client.GetChildrenAsync(_parent, cancellationToken).ConfigureAwait(false);
                var name = children.Names.FirstOrDefault(n => n.StartsWith(_mark, StringComparison.Ordinal));
                return name is null ? null : SessionRules.Join(_parent, name);
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
            {
                return null;
            }
            catch (ZooKeeperException e) when (SessionRules.IsPassing(e))
            {
                await Task.Delay(RetryPause, _client.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                DeleteInBackground();
                throw;
            }
        }
    }
}
