using RingKeeper.IntegrationTests.Embedded;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>
/// What a ZooKeeper server answers, byte by byte where the protocol says so: the same tests for Apache ZooKeeper 3.8.0 and for
/// the embedded server. They speak the raw protocol, so that no client's convenience hides anything. One part a file.
/// </summary>
public abstract partial class ConformanceSuite(IServerUnderTest server) : IAsyncLifetime
{
    private static int s_roots;

    private readonly List<Talker> _talkers = [];

    /// <summary>The session that most tests do with.</summary>
    private protected Talker Client { get; private set; } = null!;

    /// <summary>A znode of the test's own.</summary>
    private protected string Root { get; } = $"/conformance-{Interlocked.Increment(ref s_roots)}";

    private protected int Port => server.Port;

    public async ValueTask InitializeAsync()
    {
        Client = await ConnectAsync();
        await Client.DoAsync(Request.Create(Root));
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var talker in _talkers)
        {
            await talker.CloseAsync(Port);
            talker.Dispose();
        }
    }

    private protected async Task<Talker> ConnectAsync(int timeoutMs = 4_000, ConnectResponse? resume = null, long seen = 0)
    {
        var talker = await Talker.ConnectAsync(Port, timeoutMs, resume, seen);
        _talkers.Add(talker);
        return talker;
    }

    private protected string At(string name) => $"{Root}/{name}";

    /// <summary>Creates a znode below the root and returns its path.</summary>
    private protected async Task<string> MakeAsync(string name, byte[]? data = null, int flags = 0, IReadOnlyList<Acl>? acl = null) =>
        (await Client.DoAsync(Request.Create(At(name), data, flags, acl))).Text;

    private protected static async Task AssertEndedAsync(RawConnection connection) => Assert.Empty(await connection.ReadToEndAsync());
}
