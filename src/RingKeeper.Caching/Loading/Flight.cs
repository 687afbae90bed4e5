using System.Diagnostics.CodeAnalysis;

namespace RingKeeper;

/// <summary>One load of one key that its callers share.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The token outlives the callers, and its source holds no handle.")]
internal abstract class Flight
{
    private static readonly AsyncLocal<Flight?> Loading = new();

    private readonly CancellationTokenSource _abandoned = new();
    private Flight? _around;

    protected Flight(Type type) => Type = type;

    /// <summary>The type that it loads.</summary>
    public Type Type { get; }

    /// <summary>How many callers wait for it; only under the lock of <see cref="Flights"/>.</summary>
    public int Passengers { get; set; }

    /// <summary>Ends when no caller waits any more.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>Whether the key was written or removed meanwhile by this process: what was loaded is not to be stored, nor shown to callers that come later.</summary>
    public bool IsOvertaken { get; private set; }

    /// <summary>Whether what it loaded may be on its way to the shard; only under the lock of <see cref="Flights"/>.</summary>
    public bool IsStoring { get; set; }

    /// <summary>Ends when it has landed.</summary>
    public abstract Task Landed { get; }

    /// <summary>Whether the caller runs inside of this load, and would wait for itself.</summary>
    public bool IsAround
    {
        get
        {
            var flight = Loading.Value;
            while (flight is not null && flight != this)
            {
                flight = flight._around;
            }

            return flight is not null;
        }
    }

    public void Overtake() => IsOvertaken = true;

    public void Abandon() => _abandoned.Cancel();

    // For what the calling asynchronous method calls from now on.
    protected void Enter()
    {
        _around = Loading.Value;
        Loading.Value = this;
    }
}

/// <summary>One load of one key as one type.</summary>
internal sealed class Flight<T>() : Flight(typeof(T))
{
    private readonly TaskCompletionSource<T> _landing = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Landing => _landing.Task;

    public override Task Landed => _landing.Task;

    public async Task RunAsync(Func<Flight<T>, Task<T>> load, Action<Flight> landed)
    {
        Enter();
        try
        {
            var value = await load(this).ConfigureAwait(false);
            landed(this);
            _landing.SetResult(value);
        }
        catch (Exception e)
        {
            landed(this);
            _landing.SetException(e);

            // Where all callers have left, nobody asks for it.
            _ = _landing.Task.Exception;
        }
    }
}
