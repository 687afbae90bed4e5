using Xunit;

namespace RingKeeper.Tests.Caching;

public sealed class FlightsTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private readonly Flights _flights = new();
    private readonly TaskCompletionSource<int> _load = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _loads;

    [Fact]
    public async Task Callers_of_one_key_share_one_load_and_the_next_one_loads_anew()
    {
        var callers = Enumerable.Range(0, 100).Select(_ => JoinAsync("key")).ToArray();
        _load.SetResult(7);

        Assert.All(await Task.WhenAll(callers), static value => Assert.Equal(7, value));
        Assert.Equal(1, _loads);
        await JoinAsync("key");
        Assert.Equal(2, _loads);
    }

    [Fact]
    public async Task Other_keys_and_other_types_fly_apart()
    {
        var one = JoinAsync("one");
        var two = JoinAsync("two");
        var text = _flights.JoinAsync<string>("one", async _ => $"{await _load.Task}", CancellationToken.None);
        _load.SetResult(7);

        Assert.Equal((7, 7, "7", 2), (await one, await two, await text, _loads));
    }

    [Fact]
    public async Task A_caller_that_cancels_leaves_and_the_load_goes_on_for_the_others()
    {
        using var cancel = new CancellationTokenSource();
        var leaver = JoinAsync("key", cancel.Token);
        var stayer = JoinAsync("key");

        await cancel.CancelAsync();

        Assert.Equal(cancel.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaver)).CancellationToken);
        _load.SetResult(7);
        Assert.Equal((7, 1), (await stayer, _loads));
    }

    [Fact]
    public async Task When_all_have_left_the_load_is_cancelled_and_the_next_caller_starts_another()
    {
        using var cancel = new CancellationTokenSource();
        Flight? first = null;
        var joining = _flights.JoinAsync(
            "key",
            async Task<int> (flight) =>
            {
                first = flight;
                return await _load.Task;
            },
            cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => joining);

        Assert.True(first!.Abandoned.IsCancellationRequested);
        var next = JoinAsync("key");
        _load.SetResult(7);
        Assert.Equal((7, 1), (await next, _loads));
    }

    [Fact]
    public async Task An_error_goes_to_all_who_wait()
    {
        var callers = Enumerable.Range(0, 3).Select(_ => JoinAsync("key")).ToArray();
        _load.SetException(new InvalidTimeZoneException());

        foreach (var caller in callers)
        {
            await Assert.ThrowsAsync<InvalidTimeZoneException>(() => caller.WaitAsync(Soon));
        }
    }

    [Fact]
    public async Task Who_comes_after_a_write_does_not_board_what_took_off_before_it()
    {
        Flight? first = null;
        var before = _flights.JoinAsync(
            "key",
            async Task<int> (flight) =>
            {
                first = flight;
                return await _load.Task;
            },
            CancellationToken.None);
        _flights.Overtake("key");
        var after = JoinAsync("key");
        _load.SetResult(7);

        Assert.True(first!.IsOvertaken);
        Assert.Equal((7, 7, 1), (await before, await after, _loads));
    }

    private Task<int> JoinAsync(string key, CancellationToken cancellationToken = default) => _flights.JoinAsync<int>(
        key,
        async _ =>
        {
            Interlocked.Increment(ref _loads);
            return await _load.Task;
        },
        cancellationToken).WaitAsync(Soon, CancellationToken.None);
}
