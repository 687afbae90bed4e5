using System.Text;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>One client of the run, which reaches each server through a proxy of its own, and notes all it is asked and told.</summary>
internal sealed class ProofClient : IAsyncDisposable
{
    /// <summary>The negotiated session timeout.</summary>
    public static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(3);

    /// <summary>How long an operation may take at most: unsent, then written to a server that answers pings and nothing else until it gives up its leader, and once more for a read that is sent again.</summary>
    public static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly List<Operation> _operations = [];
    private readonly List<(long Since, TaskCompletionSource Written)> _waiters = [];
    private readonly Task _sessions;
    private long _calls;
    private long _lastWritten = TimeProvider.System.GetTimestamp();
    private TimeSpan _silence;
    private int _names;

    private ProofClient(int number, IReadOnlyList<TcpProxy> proxies, ZooKeeperClient client)
    {
        (Number, Proxies, Client) = (number, proxies, client);
        _sessions = CountSessionsAsync();
    }

    public int Number { get; }

    public IReadOnlyList<TcpProxy> Proxies { get; }

    public ZooKeeperClient Client { get; }

    public int SessionsLost { get; private set; }

    public int Suspensions { get; private set; }

    /// <summary>Gets what is wrong already while it runs: a read that overtook the event of a watch.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Gets the one-shot watches that wait: by znode, the zxid that was read with it and the event.</summary>
    public Dictionary<string, (long Mzxid, Task<WatchedEvent> Changed)> Pending { get; } = [];

    public static async Task<ProofClient> StartAsync(int number, IFaultyServers servers, int seed)
    {
        var proxies = servers.Ports.Select(TcpProxy.Start).ToArray();
        var client = await ZooKeeperClient.ConnectAsync(new ZooKeeperClientOptions
        {
            ConnectString = string.Join(',', proxies.Select(proxy => proxy.Addr)),
            SessionTimeout = SessionTimeout,
            ConnectTimeout = TimeSpan.FromSeconds(1),
            UnsentTimeout = TimeSpan.FromSeconds(3),
            StartTimeout = TimeSpan.FromSeconds(30),
            MaxReconnectPause = TimeSpan.FromMilliseconds(100),
            Random = new Random(seed),
        });
        return new ProofClient(number, proxies, client);
    }

    public IReadOnlyList<Operation> TakeOperations()
    {
        lock (_gate)
        {
            return [.. _operations];
        }
    }

    /// <summary>Completes with the next acknowledged write that was called from now on.</summary>
    public Task WhenWrittenAsync()
    {
        lock (_gate)
        {
            var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((TimeProvider.System.GetTimestamp(), written));
            return written.Task;
        }
    }

    /// <summary>Tells for how long at most nothing that this client wrote was acknowledged, since this was asked last.</summary>
    public TimeSpan TakeSilence()
    {
        lock (_gate)
        {
            var silence = Max(_silence, TimeProvider.System.GetElapsedTime(_lastWritten));
            _silence = TimeSpan.Zero;
            return silence;
        }
    }

    public async Task<Operation> SetAsync(string path, int version = -1, CancellationToken cancellationToken = default) =>
        (await DoAsync([path], OperationKind.Set, async value =>
            [StateOf(await Client.SetDataAsync(path, Bytes(value), version, cancellationToken), value)]))[0];

    /// <summary>Sets several registers at once, or none.</summary>
    public Task<IReadOnlyList<Operation>> SetAllAsync(IReadOnlyList<string> paths) => DoAsync(paths, OperationKind.Set, async value =>
    {
        var results = await Client.MultiAsync([.. paths.Select(path => ZooKeeperOp.SetData(path, Bytes(value)))]);
        return [.. results.Select(result => StateOf(result.Stat!.Value, value))];
    });

    public async Task<Operation> ReadAsync(string path, bool synced = false, CancellationToken cancellationToken = default)
    {
        (long Mzxid, Task<WatchedEvent> Changed)? pending;
        lock (Pending)
        {
            pending = Pending.TryGetValue(path, out var found) ? found : null;
        }

        var read = (await DoAsync([path], synced ? OperationKind.SyncedRead : OperationKind.Read, async _ =>
        {
            var sync = synced ? Client.SyncAsync(path).AsTask() : Task.CompletedTask;
            var data = Client.GetDataAsync(path, cancellationToken).AsTask();
            await sync;
            return [StateOf(await data)];
        }))[0];
        if (pending is { } watch && read.State is { } state && state.Mzxid > watch.Mzxid && !watch.Changed.IsCompleted)
        {
            Accuse($"Client {Number} read {state} of {path} while its watch of zxid {watch.Mzxid} had told nothing.");
        }

        return read;
    }

    public async Task<Operation> CreateAsync(string folder, bool ephemeral)
    {
        // Its name is its value, as no other call has it.
        var path = $"{folder}/{Number}-{Interlocked.Increment(ref _names):D7}";
        return (await DoAsync([path], ephemeral ? OperationKind.CreateEphemeral : OperationKind.Create, async value =>
        {
            await Client.CreateAsync(path, Bytes(value), ephemeral ? CreateMode.Ephemeral : CreateMode.Persistent);
            return null;
        }))[0];
    }

    /// <summary>Sets a register of the version that was read, and finds out what became of it where the answer is lost.</summary>
    public async Task<Operation> SetVerifiedAsync(string path, RegisterState read) => (await DoAsync([path], OperationKind.Set, async value =>
    {
        var stat = new Stat(read.Czxid, read.Mzxid, 0, 0, read.Version, 0, 0, 0, 0, 0, 0);
        var write = await Client.SetDataVerifiedAsync(path, Bytes(value), stat);
        return write.Verdict switch
        {
            WriteVerdict.Applied => [StateOf(write.Stat!.Value, value)],
            WriteVerdict.NotApplied => throw new ZooKeeperException(ZooKeeperErrorCode.ConnectionLoss, path, OperationOutcome.NotSent),
            _ => throw new ZooKeeperException(ZooKeeperErrorCode.ConnectionLoss, path, OperationOutcome.Unknown),
        };
    }))[0];

    public async Task<Operation> CreateProtectedAsync(string folder) => (await DoAsync([$"{folder}/protected-"], OperationKind.CreateProtected, async value =>
    {
        await Client.CreateProtectedAsync($"{folder}/protected-", Bytes(value));
        return null;
    }))[0];

    public async Task<Operation> DeleteAsync(string path) => (await DoAsync([path], OperationKind.Delete, async _ =>
    {
        await Client.DeleteAsync(path);
        return null;
    }))[0];

    /// <summary>Awaits what is not noted as an operation, but must be answered all the same.</summary>
    public async Task<T> AnsweredAsync<T>(ValueTask<T> operation, string what)
    {
        try
        {
            return await operation.AsTask().WaitAsync(AnswerBound, TimeProvider.System);
        }
        catch (TimeoutException e)
        {
            Accuse($"Never answered: {what} of client {Number}.");
            throw new ZooKeeperException(ZooKeeperErrorCode.OperationTimeout, outcome: OperationOutcome.Unknown, innerException: e);
        }
    }

    public void Accuse(string violation)
    {
        lock (Violations)
        {
            Violations.Add(violation);
        }
    }

    public static RegisterState StateOf(NodeData read) => StateOf(read.Stat, Encoding.ASCII.GetString(read.Data));

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in Proxies)
        {
            proxy.Calm();
        }

        await Client.DisposeAsync();
        await _sessions;
        foreach (var proxy in Proxies)
        {
            await proxy.DisposeAsync();
        }
    }


    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static byte[] Bytes(string value) => Encoding.ASCII.GetBytes(value);

    private static RegisterState StateOf(Stat stat, string value) => new(stat.Mzxid, stat.Version, stat.Czxid, value);

    private async Task<IReadOnlyList<Operation>> DoAsync(IReadOnlyList<string> paths, OperationKind kind, Func<string, Task<IReadOnlyList<RegisterState>?>> act)
    {
        List<Operation> operations;
        Task<IReadOnlyList<RegisterState>?> task;
        var epoch = Client.Session.Epoch;
        lock (_gate)
        {
            // Called under the lock, so that the numbers are in the order of the calls.
            var call = ++_calls;
            var value = kind is OperationKind.Read or OperationKind.SyncedRead or OperationKind.Delete ? "" : $"{Number}:{call}";
            operations = [.. paths.Select(path => new Operation(Number, call, kind, path, value, TimeProvider.System.GetTimestamp()))];
            _operations.AddRange(operations);
            task = act(value);
        }

        await EndAsync(operations, task, epoch);
        if (kind == OperationKind.Set && operations[0].Ending == Ending.Acknowledged)
        {
            Tell(operations[0]);
        }

        return operations;
    }

    private async Task EndAsync(List<Operation> operations, Task<IReadOnlyList<RegisterState>?> task, int epoch)
    {
        var (ending, code, states) = (Ending.Acknowledged, ZooKeeperErrorCode.Ok, (IReadOnlyList<RegisterState>?)null);
        try
        {
            states = await task.WaitAsync(AnswerBound, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            return;
        }
        catch (OperationCanceledException)
        {
            // Its caller gave it up; it may be done all the same.
            ending = Ending.Unknown;
        }
        catch (ZooKeeperException e)
        {
            (ending, code) = (e.Outcome switch { OperationOutcome.NotSent => Ending.NotSent, OperationOutcome.Unknown => Ending.Unknown, _ => Ending.Refused }, e.Code);
        }

        var ended = TimeProvider.System.GetTimestamp();
        foreach (var (i, operation) in operations.Index())
        {
            (operation.Code, operation.State, operation.Ended, operation.Ending) = (code, states?[i], ended, ending);
            operation.Epoch = Client.Session.Epoch == epoch ? epoch : 0;
        }
    }

    private void Tell(Operation write)
    {
        lock (_gate)
        {
            var now = TimeProvider.System.GetTimestamp();
            _silence = Max(_silence, TimeProvider.System.GetElapsedTime(_lastWritten, now));
            _lastWritten = now;
            foreach (var (_, written) in _waiters.Where(waiter => waiter.Since <= write.Begun))
            {
                written.TrySetResult();
            }

            _waiters.RemoveAll(waiter => waiter.Since <= write.Begun);
        }
    }

    private async Task CountSessionsAsync()
    {
        await foreach (var session in Client.WatchSessionAsync())
        {
            SessionsLost += session.State == SessionState.Lost ? 1 : 0;
            Suspensions += session.State == SessionState.Suspended ? 1 : 0;
        }
    }
}
