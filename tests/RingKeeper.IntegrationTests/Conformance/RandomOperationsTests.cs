using CsCheck;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>
/// The embedded server against Apache ZooKeeper as its model: whatever three sessions do, every reply, stat and event is the same. A failure prints the shortest
/// sequence found and the seed to see it again: put that into the environment variable CsCheck_Seed.
/// </summary>
public sealed class RandomOperationsTests(ServerPair servers) : IClassFixture<ServerPair>
{
    private const int Seconds = 40;

    private int _roots;
    private int _steps;

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Both_servers_answer_any_sequence_of_operations_alike()
    {
        await Step.Any.Array[1, 100].SampleAsync(CompareAsync, time: Seconds, threads: 1, print: Print);
        RunReport.Write([$"Embedded server against Apache ZooKeeper: {_roots} random sequences, {_steps} steps, alike"]);
        Assert.InRange(_roots, 20, int.MaxValue);
    }

    private async Task CompareAsync(Step[] steps)
    {
        // The same name on both, so that both see the same paths.
        var root = $"/random-{Interlocked.Increment(ref _roots)}";
        await using var apache = await Scene.OpenAsync(servers.ApachePort, root);
        await using var embedded = await Scene.OpenAsync(servers.EmbeddedPort, root);
        foreach (var step in steps)
        {
            _steps++;
            var both = await Task.WhenAll(apache.DoAsync(step), embedded.DoAsync(step));
            Assert.Equal(both[0], both[1]);
        }
    }

    private static string Print(Step[] steps) => string.Join(Environment.NewLine, steps.AsEnumerable());
}
