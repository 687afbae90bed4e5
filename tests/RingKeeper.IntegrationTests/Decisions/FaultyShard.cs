using System.Net;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.IntegrationTests.Decisions;

/// <summary>A redis-server as a shard, with everything that can befall one.</summary>
internal sealed class FaultyShard : StackShard
{
    private const int Keys = 5_000;

    private readonly RedisServer _server;
    private readonly TcpProxy? _proxy;
    private readonly SmallDisk? _disk;

    private FaultyShard(RedisServer server, TcpProxy? proxy, SmallDisk? disk)
    {
        _server = server;
        _proxy = proxy;
        _disk = disk;
    }

    public override string Addr => _proxy?.Addr ?? _server.Addr;

    /// <summary>Starts a server that listens on this address.</summary>
    public static async Task<FaultyShard> StartAsync(IPAddress address) =>
        new(await RedisServer.StartAsync(["--enable-debug-command", "yes"], address), null, null);

    /// <summary>Starts a server that takes a millisecond for every key of a dump that it loads, and answers meanwhile that it is loading.</summary>
    public static async Task<FaultyShard> StartSlowLoaderAsync() =>
        new(await RedisServer.StartAsync(["--enable-debug-command", "yes", "--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024"]), null, null);

    /// <summary>Starts a server that is reached through a proxy, which can accept connections and leave them unanswered.</summary>
    public static async Task<FaultyShard> StartBehindProxyAsync()
    {
        var server = await RedisServer.StartAsync();
        return new FaultyShard(server, TcpProxy.Start(server.Port), null);
    }

    /// <summary>Starts a server that saves to a small disk, and takes no writes once that fails. The disk is the shard's.</summary>
    public static async Task<FaultyShard> StartOnAsync(SmallDisk disk)
    {
        try
        {
            return new FaultyShard(await RedisServer.StartAsync(["--dir", disk.Path, "--save", "3600 1", "--stop-writes-on-bgsave-error", "yes"]), null, disk);
        }
        catch
        {
            await disk.DisposeAsync();
            throw;
        }
    }

    public override Task KillAsync() => _server.KillAsync();

    public override void Hang() => _server.Pause();

    public override void Resume() => _server.Resume();

    public override Task RestartAsync() => _server.RestartAsync();

    /// <summary>Lets the server do nothing else for a while; returns at once.</summary>
    public async Task SleepAsync(int seconds)
    {
        using var client = await LineClient.ConnectAsync(_server.Port);
        await client.SendAsync($"DEBUG SLEEP {seconds}\r\n");
    }

    /// <summary>Lets the server load its data anew, for five seconds in which it answers that it is loading; returns at once.</summary>
    public async Task LoadAnewAsync()
    {
        Assert.StartsWith("+OK", await AskAsync($"DEBUG POPULATE {Keys}"), StringComparison.Ordinal);
        using var client = await LineClient.ConnectAsync(_server.Port);
        await client.SendAsync("DEBUG RELOAD\r\n");
    }

    /// <summary>Kills the server and starts it again with so much to load that it is not ready for five seconds.</summary>
    public async Task RestartWithMuchToLoadAsync()
    {
        Assert.StartsWith("+OK", await AskAsync($"DEBUG POPULATE {Keys}"), StringComparison.Ordinal);
        Assert.StartsWith("+OK", await AskAsync("SAVE"), StringComparison.Ordinal);
        await _server.KillAsync();
        await _server.RestartAsync();
        await AssertLoadingAsync();
    }

    public async Task AssertLoadingAsync() => Assert.StartsWith("-LOADING", await AskAsync("PING"), StringComparison.Ordinal);

    /// <summary>Fills the disk and lets the server notice it.</summary>
    public async Task FillDiskAsync()
    {
        _disk!.Fill();
        Assert.StartsWith("+Background saving started", await AskAsync("BGSAVE"), StringComparison.Ordinal);
    }

    /// <summary>Makes room on the disk and lets the server save again.</summary>
    public async Task EmptyDiskAsync()
    {
        _disk!.Empty();
        Assert.StartsWith("+Background saving started", await AskAsync("BGSAVE"), StringComparison.Ordinal);
    }

    /// <summary>Ends every connection to it, and leaves unanswered the new ones that it accepts.</summary>
    public Task FallSilentAsync()
    {
        _proxy!.Stall();
        return _proxy.CutAllAsync();
    }

    public void Speak() => _proxy!.Resume();

    public override async ValueTask DisposeAsync()
    {
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }

        await _server.DisposeAsync();
        if (_disk is not null)
        {
            await _disk.DisposeAsync();
        }
    }

    private async Task<string> AskAsync(string command)
    {
        using var client = await LineClient.ConnectAsync(_server.Port);
        return await client.AskAsync($"{command}\r\n");
    }
}
