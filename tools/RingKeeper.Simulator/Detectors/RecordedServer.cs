using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RingKeeper.Simulator.Detectors;

/// <summary>A redis-server on a free port, ended with this object.</summary>
internal sealed class RecordedServer : IAsyncDisposable
{
    private const int Attempts = 200;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;

    private RecordedServer(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public static async Task<RecordedServer> StartAsync(CancellationToken cancellationToken)
    {
        var port = FreePort();
        string[] arguments = ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--enable-debug-command", "local", "--logfile", "/dev/null"];
        var process = Process.Start(new ProcessStartInfo("redis-server", arguments)) ?? throw new InvalidOperationException("redis-server did not start.");
        var server = new RecordedServer(process, port);
        try
        {
            for (var attempt = 1; !await ListensAsync(port, cancellationToken); attempt++)
            {
                if (process.HasExited || attempt > Attempts)
                {
                    throw new InvalidOperationException($"redis-server does not serve on port {port}.");
                }

                await Task.Delay(Pace, TimeProvider.System, cancellationToken);
            }

            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Loses the server.</summary>
    public void Lose(TraceFault fault)
    {
        if (fault == TraceFault.Crash)
        {
            _process.Kill();
            return;
        }

        using var kill = Process.Start("kill", ["-STOP", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<bool> ListensAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
