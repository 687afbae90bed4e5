using System.Text;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.GoFleet;

/// <summary>
/// A Go checker's part as a voter: registers with a copy of the status, sets its own node and then the parent, never writes its vote again.
/// What it would see of the shards, the test tells it.
/// </summary>
internal sealed class GoVoter : IAsyncDisposable
{
    private readonly ZooKeeperClient _client;
    private readonly string _name;
    private readonly Dictionary<string, GoStatus> _vote;

    private GoVoter(ZooKeeperClient client, string name, string node, Dictionary<string, GoStatus> vote)
    {
        _client = client;
        _name = name;
        Node = node;
        _vote = vote;
    }

    public string Node { get; }

    public ZooKeeperClient Client => _client;

    private string Parent => $"/goreclusters/{_name}/localstatus";

    public static async Task<GoVoter> JoinAsync(ClusterStack stack)
    {
        var client = await ZooKeeperClient.ConnectAsync(new ZooKeeperClientOptions { ConnectString = stack.ZKServers, SessionTimeout = stack.SessionTimeout }, Cancel.Soon);
        var cluster = $"/goreclusters/{stack.Name}";
        var vote = new Dictionary<string, GoStatus>();
        if (await client.ExistsAsync($"{cluster}/status", Cancel.Soon) is not null)
        {
            vote = GoJson.TryParseStatuses((await client.GetDataAsync($"{cluster}/status", Cancel.Soon)).Data)!;
        }

        if (await client.ExistsAsync($"{cluster}/localstatus", Cancel.Soon) is null)
        {
            await client.CreateAsync($"{cluster}/localstatus", Encoding.UTF8.GetBytes(stack.Name), cancellationToken: Cancel.Soon);
        }

        var path = await client.CreateAsync($"{cluster}/localstatus/n_", GoJson.Statuses(vote), CreateMode.EphemeralSequential, cancellationToken: Cancel.Soon);
        return new GoVoter(client, stack.Name, path[(path.LastIndexOf('/') + 1)..], vote);
    }

    /// <summary>Reports a change of one shard.</summary>
    public Task VoteAsync(string addr, bool alive) => VoteAsync(addr, new GoStatus(addr, alive, GoJson.Now()));

    public async Task VoteAsync(string key, GoStatus status)
    {
        _vote[key] = status;
        await _client.SetDataAsync($"{Parent}/{Node}", GoJson.Statuses(_vote), -1, Cancel.Soon);
        await _client.SetDataAsync(Parent, Encoding.UTF8.GetBytes(_name), -1, Cancel.Soon);
    }

    /// <summary>Ends as a shutdown does: the session is closed, the node goes at once, the parent is not set.</summary>
    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
