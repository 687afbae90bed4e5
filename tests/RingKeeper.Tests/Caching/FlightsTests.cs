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
        Assert.True(_flights.Overtake("key").IsCompletedSuccessfully);
        var after = JoinAsync("key");
        _load.SetResult(7);

        Assert.True(first!.IsOvertaken);
        Assert.Equal((7, 7, 1), (await before, await after, _loads));
    }

    [Fact]
    public async Task What_removes_a_key_waits_for_a_store_that_has_begun_and_for_no_other()
    {
        Flight? first = null;
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var mayStore = false;
        var joining = _flights.JoinAsync(
            "key",
            async Task<int> (flight) =>
            {
                first = flight;
                await begin.Task;
                mayStore = _flights.TryBeginStore(flight);
                return await _load.Task;
            },
            CancellationToken.None);
        Assert.True(_flights.Overtake("other").IsCompletedSuccessfully);
        Assert.True(_flights.TryBeginStore(first!));
        var one = _flights.Overtake("key");
        var two = _flights.Overtake("key");
        Assert.Equal((false, false), (one.IsCompleted, two.IsCompleted));

        // Who comes later does not board it, though it is still under way.
        var later = _flights.JoinAsync<int>("key", static _ => Task.FromResult(8), CancellationToken.None);
        Assert.Equal(8, await later.WaitAsync(Soon));
        begin.SetResult();
        _load.SetException(new InvalidTimeZoneException());
        await one.WaitAsync(Soon);
        await two.WaitAsync(Soon);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => joining);
        Assert.False(mayStore);
        Assert.True(_flights.Overtake("key").IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_load_that_was_overtaken_stores_nothing_and_nobody_waits_for_it()
    {
        Flight? first = null;
        var joining = _flights.JoinAsync(
            "key",
            async Task<int> (flight) =>
            {
                first = flight;
                return await _load.Task;
            },
            CancellationToken.None);

        Assert.True(_flights.Overtake("key").IsCompletedSuccessfully);
        Assert.False(_flights.TryBeginStore(first!));
        _load.SetResult(7);
        Assert.Equal(7, await joining.WaitAsync(Soon));
    }

    [Fact]
    public async Task A_load_that_asks_for_its_own_key_is_told_so_and_others_are_not()
    {
        var error = await Assert.ThrowsAsync<RingKeeperException>(() => FlyAsync("key", () => FlyAsync("other", () => FlyAsync("key", static () => Task.FromResult(1)))).WaitAsync(Soon));
        Assert.Contains("'key'", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, await FlyAsync("key", () => FlyAsync("other", static () => Task.FromResult(2))).WaitAsync(Soon));
        Assert.Equal("3", await _flights.JoinAsync<string>("key", async _ => $"{await FlyAsync("key", static () => Task.FromResult(3))}", CancellationToken.None).WaitAsync(Soon));
        Assert.Equal(4, await FlyAsync("key", static () => Task.FromResult(4)).WaitAsync(Soon));

        Task<int> FlyAsync(string key, Func<Task<int>> load) => _flights.JoinAsync<int>(key, _ => load(), CancellationToken.None);
    }

    [Fact]
    public async Task A_landing_cancels_nothing_that_the_load_left_behind()
    {
        var abandoned = CancellationToken.None;
        await _flights.JoinAsync<int>(
            "key",
            flight =>
            {
                abandoned = flight.Abandoned;
                return Task.FromResult(1);
            },
            CancellationToken.None);

        Assert.False(abandoned.IsCancellationRequested);
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
