using System.Collections.Concurrent;
using Hangfire;
using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.IntegrationTests.Libraries;

/// <summary>Jobs that count how often each of them was run; some wait inside until they are let go.</summary>
public sealed class CountedJobs : JobActivator
{
    private readonly ConcurrentDictionary<int, int> _runs = [];
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _begun = [];
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _gates = [];
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _ended = [];

    public IReadOnlyDictionary<int, int> Runs => _runs;

    public override object ActivateJob(Type jobType) => this;

    /// <summary>The job.</summary>
    public void Run(int number)
    {
        _runs.AddOrUpdate(number, 1, static (_, runs) => runs + 1);
        Of(_ended, number).TrySetResult();
    }

    /// <summary>The job, in the middle of which something may befall its shard.</summary>
    public async Task RunGatedAsync(int number)
    {
        Of(_begun, number).TrySetResult();
        await Of(_gates, number).Task;
        Run(number);
    }

    public Task BegunAsync(int number) => Of(_begun, number).Task.WaitAsync(Cancel.Soon);

    public void LetGo(int number) => Of(_gates, number).TrySetResult();

    public Task EndedAsync(IEnumerable<int> numbers) => Task.WhenAll(numbers.Select(number => Of(_ended, number).Task)).WaitAsync(Cancel.Soon);

    private static TaskCompletionSource Of(ConcurrentDictionary<int, TaskCompletionSource> sources, int number) =>
        sources.GetOrAdd(number, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
