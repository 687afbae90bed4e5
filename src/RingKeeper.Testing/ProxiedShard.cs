using System.Globalization;
using System.Net;

namespace RingKeeper.Testing;

/// <summary>A Redis server behind a proxy of ours, so that it can be taken away without touching the server itself.</summary>
internal sealed class ProxiedShard : ITestShardServer
{
    private readonly EndPoint _target;
    private readonly int _port;
    private TcpProxy? _proxy;

    private ProxiedShard(EndPoint target, TcpProxy proxy)
    {
        _target = target;
        _proxy = proxy;
        _port = proxy.Port;
    }

    public string Addr => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    public static ProxiedShard Start(EndPoint target) => new(target, TcpProxy.Start(target, FreePort.Next()));

    public Task KillAsync() => CutOffAsync();

    public Task RestartAsync() => ReconnectAsync();

    public async Task CutOffAsync()
    {
        if (Interlocked.Exchange(ref _proxy, null) is { } proxy)
        {
            await proxy.DisposeAsync().ConfigureAwait(false);
        }
    }

    public void Hang() => _proxy?.Stall();

    public void Slow(TimeSpan delay) => _proxy?.Shape(StallDirection.ToClient, new ProxyManner { Delay = () => delay });

    public void Resume() => _proxy?.Calm();

    public Task ReconnectAsync()
    {
        _proxy ??= TcpProxy.Start(_target, _port);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await CutOffAsync().ConfigureAwait(false);
}
