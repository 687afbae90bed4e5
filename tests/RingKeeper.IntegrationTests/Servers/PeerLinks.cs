using System.Globalization;
using System.Net;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>
/// How the members of an ensemble reach each other: each the port where the others follow it through a proxy of its own, so that one can be cut off while clients still reach it.
/// Votes go direct, since a member names its own address in them; without the other link nobody follows by them.
/// </summary>
internal sealed class PeerLinks(IPAddress address, int size, bool cuttable) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly int[] _quorumPorts = [.. Enumerable.Range(0, size).Select(_ => FreePort.Next())];
    private readonly int[] _votePorts = [.. Enumerable.Range(0, size).Select(_ => FreePort.Next())];
    private readonly Dictionary<(int From, int To), TcpProxy> _proxies = [];

    /// <summary>The lines of zoo.cfg by which this member knows them all, itself included.</summary>
    public IEnumerable<KeyValuePair<string, string>> LinesOf(int id)
    {
        for (var to = 1; to <= size; to++)
        {
            var (host, port) = to == id || !cuttable ? (address, _quorumPorts[to - 1]) : (IPAddress.Loopback, Proxy(id, to).Port);
            yield return new($"server.{to}", string.Create(CultureInfo.InvariantCulture, $"{host}:{port}:{_votePorts[to - 1]}"));
        }
    }

    /// <summary>Holds back all that this member and the others say to each other.</summary>
    public void CutOff(int id)
    {
        var links = _proxies.Where(link => link.Key.From == id || link.Key.To == id).Select(link => link.Value).ToList();
        if (links.Count == 0)
        {
            throw new InvalidOperationException($"The links of member {id} are direct: start the ensemble as one that can be cut.");
        }

        links.ForEach(link => link.Stall());
    }

    /// <summary>Lets everything through, first what was held back.</summary>
    public void Mend()
    {
        foreach (var link in _proxies.Values)
        {
            link.Resume();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _proxies.Values)
        {
            await link.DisposeAsync();
        }
    }

    // A follower that comes before its leader listens must find it as it would without a proxy: it tries again, and begins a new election where it was taken and dropped.
    private TcpProxy Proxy(int from, int to) =>
        _proxies.TryGetValue((from, to), out var proxy) ? proxy : _proxies[(from, to)] = TcpProxy.Start(new IPEndPoint(address, _quorumPorts[to - 1]), 0, Patience);
}
