using System.Globalization;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;

namespace RingKeeper.Benchmarks;

/// <summary>One Sentinel; what it learns it keeps in its own file, also across a restart.</summary>
internal sealed class SentinelProcess : IAsyncDisposable
{
    public const int DownAfterMilliseconds = 1000;
    public const int FailoverTimeoutMilliseconds = 10_000;
    public const int Quorum = 2;

    private readonly TemporaryFolder _folder = new("sentinel");
    private ChildProcess? _process;

    public int Port { get; } = FreePort.Next();

    public int ProcessId => _process!.ProcessId;

    private string ConfigurationFile => _folder.Combine("sentinel.conf");

    public static async Task<SentinelProcess> StartAsync(IReadOnlyDictionary<string, int> primaries)
    {
        var sentinel = new SentinelProcess();
        await File.WriteAllLinesAsync(
            sentinel.ConfigurationFile,
            [
                string.Create(CultureInfo.InvariantCulture, $"port {sentinel.Port}"),
                "bind 127.0.0.1",
                $"dir {sentinel._folder.Path}",
                .. primaries.SelectMany(static primary => new[]
                {
                    $"sentinel monitor {primary.Key} 127.0.0.1 {primary.Value} {Quorum}",
                    $"sentinel down-after-milliseconds {primary.Key} {DownAfterMilliseconds}",
                    $"sentinel failover-timeout {primary.Key} {FailoverTimeoutMilliseconds}",
                    $"sentinel parallel-syncs {primary.Key} 1",
                }),
            ]);
        await sentinel.RestartAsync();
        return sentinel;
    }

    public string QuoteLog() => _process!.QuoteLog();

    public Task KillAsync() => _process!.KillAsync();

    public async Task RestartAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _process = await ChildProcess.StartAsync("redis-server", "redis-server", [ConfigurationFile, "--sentinel"], _folder.Combine("output.log"));
        await Condition.WaitAsync($"start of the Sentinel on port {Port}", MissingAsync);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task<string?> MissingAsync()
    {
        if (_process!.HasExited)
        {
            throw new InvalidOperationException($"The Sentinel ended while it was starting. {_process.QuoteLog()}");
        }

        try
        {
            var answer = await PlainRedis.AskAsync(Port, "PING");
            return answer[0] == "PONG" ? null : $"it answers {answer[0]}";
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }
}
