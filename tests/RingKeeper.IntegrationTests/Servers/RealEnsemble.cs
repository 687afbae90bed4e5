using System.Globalization;
using System.Net;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>An ensemble of three Apache ZooKeeper servers, each of which can be killed, frozen, restarted and cut off from the others.</summary>
public sealed class RealEnsemble : IAsyncDisposable
{
    private const int Size = 3;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyList<ApacheZooKeeper> _members;
    private readonly PeerLinks _links;

    private RealEnsemble(IReadOnlyList<ApacheZooKeeper> members, PeerLinks links) => (_members, _links) = (members, links);

    public IReadOnlyList<ApacheZooKeeper> Members => _members;

    /// <summary>Gets the servers as a client names them.</summary>
    public string ConnectString => string.Join(',', _members.Select(m => m.ConnectString));

    /// <summary>Starts the three at once, since none serves alone; returns when all do.</summary>
    /// <param name="address">The address they listen on; loopback where there is none.</param>
    /// <param name="cuttable">Whether members can be cut off from each other.</param>
    /// <param name="settings">Further lines of zoo.cfg.</param>
    /// <param name="localSessions">Whether a server opens sessions that the others do not know, until they own an ephemeral znode.</param>
    /// <param name="properties">Arguments of the virtual machines.</param>
    public static async Task<RealEnsemble> StartAsync(
        IPAddress? address = null, bool cuttable = false, IReadOnlyDictionary<string, string>? settings = null, bool localSessions = false, params string[] properties)
    {
        var at = address ?? IPAddress.Loopback;
        var links = new PeerLinks(at, Size, cuttable);
        var starting = Enumerable.Range(1, Size).Select(id => ApacheZooKeeper.StartMemberAsync(id, at, SettingsOf(id), properties)).ToArray();
        await Task.WhenAll(starting.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Array.Find(starting, task => !task.IsCompletedSuccessfully) is { } failed)
        {
            foreach (var member in starting.Where(task => task.IsCompletedSuccessfully))
            {
                await (await member).DisposeAsync();
            }

            await links.DisposeAsync();
            await failed;
        }

        return new RealEnsemble([.. starting.Select(task => task.Result)], links);

        Dictionary<string, string> SettingsOf(int id) => new(links.LinesOf(id).Concat(settings ?? new Dictionary<string, string>()))
        {
            // In ticks of 200 ms: on a busy machine a follower may be slow to catch up.
            ["initLimit"] = "40",
            ["syncLimit"] = "15",
            ["localSessionsEnabled"] = localSessions ? "true" : "false",
            ["localSessionsUpgradingEnabled"] = localSessions ? "true" : "false",
        };
    }

    /// <summary>Finds the member that leads, by what it says itself; of two, the one of the later epoch. A frozen one says nothing.</summary>
    public async Task<ApacheZooKeeper> FindLeaderAsync(CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(_members.Select(async member => (Member: member, Answer: await AskAsync(member, cancellationToken))));
        return answers.Where(a => a.Answer.Contains("Mode: leader", StringComparison.Ordinal)).OrderByDescending(a => EpochOf(a.Answer)).Select(a => a.Member).FirstOrDefault()
            ?? throw new InvalidOperationException("No member of the ensemble leads.");
    }

    /// <summary>Holds back all that this member and the others say to each other; clients still reach it, and it serves them until it gives up its leader, after 3 s.</summary>
    public void CutOff(ApacheZooKeeper member) => _links.CutOff(member.Id);

    /// <summary>Lets all members hear each other again.</summary>
    public void Mend() => _links.Mend();

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
        {
            await member.DisposeAsync();
        }

        await _links.DisposeAsync();
    }

    private static async Task<string> AskAsync(ApacheZooKeeper member, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(AnswerTimeout);
        try
        {
            return await member.AskAsync("srvr", timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "";
        }
    }

    // "Zxid: 0x" and the zxid in hexadecimal, whose upper half is the epoch.
    private static long EpochOf(string answer)
    {
        const string Key = "Zxid: 0x";
        var line = answer.Split('\n').FirstOrDefault(l => l.StartsWith(Key, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.AsSpan(Key.Length), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> 32;
    }
}
