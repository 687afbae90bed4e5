using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RingKeeper.Simulator.Detectors;

/// <summary>What disturbs a recorded server: busy loops beside it, or commands that make it sleep.</summary>
internal sealed class SceneDisturbance : IAsyncDisposable
{
    private const int LoopsPerProcessor = 4;
    private static readonly TimeSpan SleepEvery = TimeSpan.FromSeconds(10);

    private readonly List<Process> _loops = [];
    private readonly CancellationTokenSource _end = new();
    private Task _sleeps = Task.CompletedTask;

    public static async Task<SceneDisturbance> StartAsync(RecordedScene scene, int port, CancellationToken cancellationToken)
    {
        var disturbance = new SceneDisturbance();
        if (scene == RecordedScene.Busy)
        {
            disturbance._loops.AddRange(Enumerable.Range(0, LoopsPerProcessor * Environment.ProcessorCount).Select(static _ => Process.Start("sh", ["-c", "while :; do :; done"])));
        }
        else if (scene == RecordedScene.Sleeps)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            disturbance._sleeps = disturbance.SleepAsync(socket);
        }

        return disturbance;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _sleeps.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var loop in _loops)
        {
            loop.Kill();
            await loop.WaitForExitAsync();
            loop.Dispose();
        }

        _end.Dispose();
    }

    private async Task SleepAsync(Socket socket)
    {
        using var _ = socket;
        var random = new Random(1);
        while (true)
        {
            await Task.Delay(SleepEvery, TimeProvider.System, _end.Token);
            var command = string.Create(CultureInfo.InvariantCulture, $"DEBUG SLEEP {0.1 + (1.7 * random.NextDouble()):0.00}\r\n");
            await socket.SendAsync(Encoding.ASCII.GetBytes(command), _end.Token);
        }
    }
}
