using System.Collections.Concurrent;
using System.Diagnostics;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>Starts child processes from one thread that lives as long as the test host.</summary>
/// <remarks>
/// The kernel sends a parent-death signal when the THREAD that forked ends, not the process: started from a pool thread,
/// a child would be killed at random when the pool shrinks.
/// </remarks>
internal static class ProcessSpawner
{
    private static readonly BlockingCollection<Action> Requests = StartThread();

    public static Task<Process> StartAsync(ProcessStartInfo info)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Requests.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(info) ?? throw new InvalidOperationException($"{info.FileName} did not start."));
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        return started.Task;
    }

    private static BlockingCollection<Action> StartThread()
    {
        var requests = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var request in requests.GetConsumingEnumerable())
            {
                request();
            }
        })
        { IsBackground = true, Name = "process spawner" }.Start();
        return requests;
    }
}
