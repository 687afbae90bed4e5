using System.Net;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>An ensemble of three Apache ZooKeeper servers, each of which can be killed, frozen and restarted.</summary>
public sealed class RealEnsemble : IAsyncDisposable
{
    private const int Size = 3;

    private readonly IReadOnlyList<ApacheZooKeeper> _members;

    private RealEnsemble(IReadOnlyList<ApacheZooKeeper> members) => _members = members;

    public IReadOnlyList<ApacheZooKeeper> Members => _members;

    /// <summary>Gets the servers as a client names them.</summary>
    public string ConnectString => string.Join(',', _members.Select(m => m.ConnectString));

    /// <summary>Starts the three at once, since none serves alone; returns when all do.</summary>
    /// <param name="address">The address they listen on; loopback where there is none.</param>
    /// <param name="localSessions">Whether a server opens sessions that the others do not know, until they own an ephemeral znode.</param>
    /// <param name="properties">Arguments of the virtual machines.</param>
    public static async Task<RealEnsemble> StartAsync(IPAddress? address = null, bool localSessions = false, params string[] properties)
    {
        var at = address ?? IPAddress.Loopback;
        var settings = new Dictionary<string, string>
        {
            // In ticks of 200 ms: on a busy machine a follower may be slow to catch up.
            ["initLimit"] = "40",
            ["syncLimit"] = "15",
            ["localSessionsEnabled"] = localSessions ? "true" : "false",
            ["localSessionsUpgradingEnabled"] = localSessions ? "true" : "false",
        };
        foreach (var id in Enumerable.Range(1, Size))
        {
            settings[$"server.{id}"] = $"{at}:{FreePort.Next()}:{FreePort.Next()}";
        }

        var starting = Enumerable.Range(1, Size).Select(id => ApacheZooKeeper.StartMemberAsync(id, at, settings, properties)).ToArray();
        await Task.WhenAll(starting.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Array.Find(starting, task => !task.IsCompletedSuccessfully) is { } failed)
        {
            foreach (var member in starting.Where(task => task.IsCompletedSuccessfully))
            {
                await (await member).DisposeAsync();
            }

            await failed;
        }

        return new RealEnsemble([.. starting.Select(task => task.Result)]);
    }

    /// <summary>Finds the member that leads, by what it says itself.</summary>
    public async Task<ApacheZooKeeper> FindLeaderAsync(CancellationToken cancellationToken)
    {
        foreach (var member in _members)
        {
            if ((await member.AskAsync("srvr", cancellationToken)).Contains("Mode: leader", StringComparison.Ordinal))
            {
                return member;
            }
        }

        throw new InvalidOperationException("No member of the ensemble leads.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
        {
            await member.DisposeAsync();
        }
    }
}
