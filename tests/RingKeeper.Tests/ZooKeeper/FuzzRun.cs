using System.Security.Cryptography;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

/// <summary>Feeds many inputs to a decoder and fails, naming seed, number and bytes, on an exception, on too much memory and on a hang.</summary>
internal sealed class FuzzRun(int seed, int inputs, Func<int, long> bound)
{
    // A few microseconds are usual. By the clock on the wall, as a hang is.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(240);

    private readonly Lock _gate = new();
    private int _number;
    private byte[] _present = [];

    /// <summary>A seed that no run had before; a failure names it.</summary>
    public static int NewSeed() => RandomNumberGenerator.GetInt32(int.MaxValue);

    /// <summary>Runs all inputs on a thread of their own.</summary>
    /// <param name="next">Makes the next input; not measured.</param>
    /// <param name="feed">Takes it.</param>
    public async Task RunAsync(Func<int, byte[]> next, Action<byte[]> feed)
    {
        var running = Task.Factory.StartNew(() => Run(next, feed), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await running.WaitAsync(Patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"No end after {Patience}: {Describe()}");
        }
    }

    private void Run(Func<int, byte[]> next, Action<byte[]> feed)
    {
        for (var i = 0; i < inputs; i++)
        {
            var input = next(i);
            lock (_gate)
            {
                (_number, _present) = (i, input);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                feed(input);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{exception.GetType().Name}: {exception.Message} {Describe()}", exception);
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (allocated > bound(input.Length))
            {
                Assert.Fail($"{allocated} bytes allocated where {bound(input.Length)} are enough: {Describe()}");
            }
        }
    }

    private string Describe()
    {
        lock (_gate)
        {
            return $"seed {seed}, input {_number}: {Convert.ToHexString(_present)}";
        }
    }
}
