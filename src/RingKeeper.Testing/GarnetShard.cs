using System.Globalization;
using System.Net;
using Garnet;
using Garnet.server;
using GarnetHost = Garnet.GarnetServer;

namespace RingKeeper.Testing;

/// <summary>A Garnet server in this process, in memory, on loopback, behind a proxy. What it held is lost when it is killed.</summary>
internal sealed class GarnetShard : ITestShardServer
{
    private readonly IPEndPoint _endPoint;
    private readonly ProxiedShard _proxy;
    private GarnetHost? _server;

    private GarnetShard(IPEndPoint endPoint)
    {
        _endPoint = endPoint;
        _server = Create(endPoint);
        _proxy = ProxiedShard.Start(endPoint);
    }

    public string Addr => _proxy.Addr;

    /// <summary>Starts a server on a free port.</summary>
    public static GarnetShard Start() => new(new IPEndPoint(IPAddress.Loopback, FreePort.Next()));

    public async Task KillAsync()
    {
        await _proxy.CutOffAsync().ConfigureAwait(false);
        await Task.Run(() => Interlocked.Exchange(ref _server, null)?.Dispose()).ConfigureAwait(false);
    }

    public async Task RestartAsync()
    {
        await Task.Run(() => _server ??= Create(_endPoint)).ConfigureAwait(false);
        await _proxy.ReconnectAsync().ConfigureAwait(false);
    }

    public Task CutOffAsync() => _proxy.CutOffAsync();

    public Task ReconnectAsync() => _proxy.ReconnectAsync();

    public void Hang() => _proxy.Hang();

    public void Slow(TimeSpan delay) => _proxy.Slow(delay);

    public void Resume() => _proxy.Resume();

    public async ValueTask DisposeAsync() => await KillAsync().ConfigureAwait(false);

    private static GarnetHost Create(IPEndPoint endPoint)
    {
        var server = new GarnetHost(new GarnetServerOptions
        {
            EndPoints = [endPoint],
            LogMemorySize = "32m",
            PageSize = "1m",
            IndexMemorySize = "1m",
            SegmentSize = "64m",
            EnableLua = true,
            LuaOptions = new LuaOptions(LuaMemoryManagementMode.Native, "", Timeout.InfiniteTimeSpan, LuaLoggingMode.Silent, [], null),
            QuietMode = true,
        });
        server.Start();
        return server;
    }
}
