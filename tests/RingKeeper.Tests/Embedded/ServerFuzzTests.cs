using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RingKeeper.Tests.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using RingKeeper.ZooKeeper.Embedded.InProcess;
using Xunit;

namespace RingKeeper.Tests.Embedded;

/// <summary>Whatever bytes a client sends, the embedded server answers or ends the connection: it neither fails nor hangs nor swallows memory.</summary>
public sealed class ServerFuzzTests
{
    private const int InputsOfATree = 400;

    private readonly EmbeddedZooKeeperOptions _options = new()
    {
        TimeProvider = new FakeTimeProvider(),
        Members = ["server.1=a:1:2;3", "server.2=b:1:2;3", "server.3=c:1:2;3"],
        ReconfigEnabled = true,
    };

    private readonly ServerFaults _faults = new(server: null!, NullLogger.Instance);
    private Database _database = null!;
    private RequestProcessor _processor = null!;
    private Connection? _connection;

    [Fact]
    public Task Requests_of_any_bytes_do_no_harm() => RunAsync(seed: 1, inputs: 20_000);

    [Fact]
    [Trait("Speed", "Slow")]
    public Task Half_a_million_requests_of_any_bytes_do_no_harm() => RunAsync(FuzzRun.NewSeed(), inputs: 500_000);

    // A reply may list all that the tree holds, which is what so many inputs can make; beyond that memory follows the input.
    private static long Bound(int length) => 512 * 1024 + (200L * length);

    private Task RunAsync(int seed, int inputs)
    {
        TestContext.Current.SendDiagnosticMessage($"Fuzz of the server's decoder: seed {seed}");
        _faults.LoseReply(request => request.Path == "/a/b/c/none");
        var requests = new FrameMutator(seed, ValidFrames.Requests);
        var connects = new FrameMutator(seed, ValidFrames.Connects);
        return new FuzzRun(seed, inputs, Bound).RunAsync(
            number =>
            {
                if (number % InputsOfATree == 0)
                {
                    _database = new Database(new ServerClock(_options.TimeProvider), _options).WithMembers();
                    _processor = new RequestProcessor(_database, _options, _faults);
                    Renew();
                }

                if (_connection is null or { IsDetached: true })
                {
                    // Every other connection begins as it should, so that requests follow.
                    Renew();
                    return requests.Choose(2) == 0 ? connects.Next() : ValidFrames.Connects[0];
                }

                return _connection!.Session is null ? ValidFrames.Connects[0] : requests.Next();
            },
            input => _processor.Process(_connection!, input));
    }

    private void Renew()
    {
        _connection?.Dispose();
        var (client, server) = InProcessStream.CreatePair();
        client.Dispose();

        // Nobody sends what it answers: it is made and let go.
        _connection = Connection.Open(server, _processor, _options, _faults);
        _connection.IsMuted = true;
    }
}
