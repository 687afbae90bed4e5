using System.Globalization;
using System.Text;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>Takes a lock or a lead again and again, writes while it holds it, and notes from when until when it did.</summary>
internal sealed class Contender : IAsyncDisposable
{
    private const int LateWrites = 100;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LatePause = TimeSpan.FromMilliseconds(100);

    private readonly string _name;
    private readonly IContest _contest;
    private readonly string _path;
    private readonly Random _random;
    private readonly ProofClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Holding> _holdings = [];
    private readonly List<FencedWrite> _writes = [];
    private readonly Lock _gate = new();
    private readonly Task _running;
    private volatile bool _isHolding;
    private TaskCompletionSource _taken = NewTaken();

    public Contender(ProofClient client, IContest contest, string path, int seed)
    {
        (_name, _client, _contest, _path, _random) = ($"client {client.Number}", client, contest, path, new Random(seed));
        _running = Task.Run(RunAsync);
    }

    public ProofClient Client => _client;

    /// <summary>Gets whether it holds it, or thinks so.</summary>
    public bool IsHolding => _isHolding;

    public IReadOnlyList<Holding> Holdings => _holdings;

    public IReadOnlyList<FencedWrite> Writes => _writes;

    /// <summary>Gets how often what it held was lost, not given back.</summary>
    public int Lost { get; private set; }

    /// <summary>Gets how many writes were refused since it was not held any more.</summary>
    public int Fenced { get; private set; }

    /// <summary>Completes when this contender takes it the next time.</summary>
    public Task WhenTakenAsync()
    {
        lock (_gate)
        {
            return _taken.Task;
        }
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var held = await _contest.TakeAsync(_stop.Token);
                _isHolding = true;
                TellTaken();
                await HoldAsync(held);
                _isHolding = false;
                await held.DisposeAsync().AsTask().WaitAsync(ProofClient.AnswerBound, TimeProvider.System);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (TimeoutException)
            {
                _client.Accuse($"{_name} cannot give back the {_contest.Name}.");
            }
            catch (ZooKeeperException e)
            {
                // A contest waits through losses by itself; what it throws is for people.
                _client.Accuse($"{_name} cannot take the {_contest.Name}: {e.Message}");
                return;
            }
        }
    }

    private static TaskCompletionSource NewTaken() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void TellTaken()
    {
        lock (_gate)
        {
            _taken.SetResult();
            _taken = NewTaken();
        }
    }

    // What counts is the last moment before which it was still said to be held: that claim must not overlap another's.
    private async Task HoldAsync(IHeld held)
    {
        var from = TimeProvider.System.GetTimestamp();
        var until = from;
        var term = _random.Next(3) == 0 ? ProofClient.SessionTimeout * 2 : TimeSpan.FromMilliseconds(_random.Next(10, 300));
        var writing = Task.CompletedTask;
        while (!_stop.IsCancellationRequested)
        {
            var now = TimeProvider.System.GetTimestamp();
            if (!held.IsHeld)
            {
                Lost++;
                break;
            }

            until = now;
            if (TimeProvider.System.GetElapsedTime(from) > term)
            {
                break;
            }

            if (writing.IsCompleted)
            {
                writing = WriteAsync(held);
            }

            await Task.Delay(Look, TimeProvider.System);
        }

        if (until > from)
        {
            _holdings.Add(new Holding(_name, held.Token, from, until));
        }

        await writing;

        // One that has lost it and does not know goes on to write, and is for the servers to hold back.
        for (var late = 0; late < LateWrites && !held.IsHeld && !_stop.IsCancellationRequested && !await WriteAsync(held); late++)
        {
            await Task.Delay(LatePause, TimeProvider.System);
        }
    }

    // True when the servers said what became of it.
    private async Task<bool> WriteAsync(IHeld held)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var data = Encoding.ASCII.GetBytes(held.Token.ToString(CultureInfo.InvariantCulture));
        long? zxid;
        try
        {
            zxid = await _client.AnsweredAsync(new ValueTask<long?>(held.WriteFencedAsync(_path, data)), "a fenced write");
        }
        catch (ZooKeeperException)
        {
            zxid = 0;
        }

        if (zxid is { } written)
        {
            _writes.Add(new FencedWrite(held.Token, written, begun, TimeProvider.System.GetTimestamp()));
        }
        else
        {
            Fenced++;
        }

        return zxid != 0;
    }
}
