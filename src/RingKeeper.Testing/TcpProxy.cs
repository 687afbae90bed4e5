using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace RingKeeper.Testing;

/// <summary>A proxy between a client and a server, to cut, stall or refuse what runs between them.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly EndPoint _target;
    private readonly ProxyDirection _toServer = new();
    private readonly ProxyDirection _toClient = new();
    private readonly ConcurrentDictionary<ProxiedConnection, Task> _connections = new();
    private readonly Task _accepting;

    private TcpProxy(Socket listener, EndPoint target)
    {
        _listener = listener;
        _target = target;
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Gets the port the proxy listens on, on loopback.</summary>
    public int Port { get; }

    /// <summary>Gets the address clients connect to.</summary>
    public string Addr => $"127.0.0.1:{Port}";

    /// <summary>While true, a new connection is reset at once; the existing ones stay.</summary>
    public bool Refuse { get; set; }

    /// <summary>
    /// Gets how long a connection that was taken waits for a target that refuses (default: not at all). A client that itself tries again for so long where nobody listens sees the
    /// proxy take its connection instead.
    /// </summary>
    internal TimeSpan Patience { get; init; }

    /// <summary>Bytes forwarded from clients to the server.</summary>
    public long BytesToServer => _toServer.Bytes;

    /// <summary>Bytes forwarded from the server to clients.</summary>
    public long BytesToClient => _toClient.Bytes;

    /// <summary>Connections open now.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>Returns when the connections that are open now have ended.</summary>
    internal Task WhenAllClosedAsync() => Task.WhenAll(_connections.Values);

    /// <summary>Starts a proxy to a loopback port.</summary>
    public static TcpProxy Start(int targetPort) => Start(new IPEndPoint(IPAddress.Loopback, targetPort));

    /// <summary>Starts a proxy; port 0 stands for any free one.</summary>
    public static TcpProxy Start(EndPoint target, int port = 0) => Start(target, port, TimeSpan.Zero);

    /// <summary>Starts a proxy whose connections wait so long for a target that refuses.</summary>
    internal static TcpProxy Start(EndPoint target, int port, TimeSpan patience)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
            listener.Listen(backlog: 512);
            return new TcpProxy(listener, target) { Patience = patience };
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Forwards nothing and closes nothing: to the client the server hangs.</summary>
    /// <remarks>New connections are accepted and stall too. Bytes held back are forwarded on <see cref="Resume"/>.</remarks>
    public void Stall(StallDirection direction = StallDirection.Both)
    {
        ForEachGate(direction, gate => gate.Close());
    }

    /// <summary>Forwards again, first what was held back.</summary>
    public void Resume() => ForEachGate(StallDirection.Both, gate => gate.Open());

    /// <summary>Resets every connection on both sides; new ones are still accepted. Returns when they are gone.</summary>
    public async Task CutAllAsync()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Cut();
        }

        await Task.WhenAll(_connections.Values).ConfigureAwait(false);
    }

    /// <summary>Stops listening and resets every connection.</summary>
    /// <returns>When they are gone.</returns>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        await CutAllAsync().ConfigureAwait(false);
    }

    /// <summary>Treats what passes from now on in this manner.</summary>
    internal void Shape(StallDirection direction, ProxyManner manner) => ForEach(direction, way => way.Manner = manner);

    /// <summary>Lets so many more bytes pass one way, be it the middle of a frame, and ends the connection that carries the last of them. Completes when it has.</summary>
    internal Task EndAfter(StallDirection direction, long bytes, ProxyEnd end) =>
        (direction == StallDirection.ToServer ? _toServer : _toClient).EndAfter(bytes, end);

    /// <summary>Forwards again as if nothing had been: takes connections, holds nothing back, splits, delays and ends nothing.</summary>
    internal void Calm()
    {
        Refuse = false;
        ForEach(StallDirection.Both, static way =>
        {
            way.Manner = ProxyManner.Plain;
            way.Forgive();
        });
        Resume();
    }

    private void ForEachGate(StallDirection direction, Action<ProxyGate> act) => ForEach(direction, way => act(way.Gate));

    private void ForEach(StallDirection direction, Action<ProxyDirection> act)
    {
        if (direction.HasFlag(StallDirection.ToServer))
        {
            act(_toServer);
        }

        if (direction.HasFlag(StallDirection.ToClient))
        {
            act(_toClient);
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }

            Serve(client);
        }
    }

    private void Serve(Socket client)
    {
        var connection = new ProxiedConnection(client);
        if (Refuse)
        {
            connection.Cut();
            connection.Dispose();
            return;
        }

        // Registered before it runs, so that a cut right after the accept finds it.
        var registered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = RunAsync(connection, registered.Task);
        registered.SetResult();
    }

    private async Task RunAsync(ProxiedConnection connection, Task registered)
    {
        await registered.ConfigureAwait(false);
        await connection.RunAsync(_target, Patience, _toServer, _toClient).ConfigureAwait(false);
        _connections.TryRemove(connection, out _);
    }
}
