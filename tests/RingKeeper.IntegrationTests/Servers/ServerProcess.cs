using System.Net;
using System.Net.Sockets;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>A real server as a child process on a loopback port, with a temporary folder of its own.</summary>
public abstract class ServerProcess : IAsyncDisposable
{
    private const int StartAttempts = 5;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    private readonly string _program;
    private readonly string _package;
    private readonly TimeSpan _startTimeout;
    private ChildProcess? _child;

    private protected ServerProcess(string program, string package, TimeSpan startTimeout)
    {
        _program = program;
        _package = package;
        _startTimeout = startTimeout;
        Folder = new TemporaryFolder(program);
    }

    public int Port { get; private set; }

    public string Addr => $"{Address}:{Port}";

    public int ProcessId => Child.ProcessId;

    public bool IsRunning => _child is { HasExited: false };

    /// <summary>The one address that it listens on.</summary>
    private protected IPAddress Address { get; init; } = IPAddress.Loopback;

    private protected TemporaryFolder Folder { get; }

    private ChildProcess Child => _child ?? throw new InvalidOperationException($"{_program} has not been started.");

    /// <summary>Kills the server, as a crash would.</summary>
    public Task KillAsync() => Child.KillAsync();

    /// <summary>Asks the server to shut down and waits for it.</summary>
    public Task StopAsync() => Child.StopAsync();

    /// <summary>Freezes the server: connections stay open and nothing answers.</summary>
    public void Pause() => Child.Send(ProcessSignal.Stop);

    /// <summary>Lets a paused server go on.</summary>
    public void Resume() => Child.Send(ProcessSignal.Continue);

    /// <summary>Starts the server again on the same port and folder; one that still runs is killed first.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await Child.DisposeAsync();
        await LaunchAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_child is not null)
        {
            await _child.DisposeAsync();
        }

        Folder.Dispose();
    }

    private protected abstract IEnumerable<string> BuildArguments();

    /// <summary>Asks over a fresh connection whether this very process serves.</summary>
    private protected abstract Task<bool> ServesAsync(NetworkStream stream, CancellationToken cancellationToken);

    private protected async Task StartOnFreePortAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            Port = FreePort.Next();
            try
            {
                await LaunchAsync(cancellationToken);
                return;
            }
            catch (PortTakenException) when (attempt < StartAttempts)
            {
                await Child.DisposeAsync();
            }
            catch
            {
                await DisposeAsync();
                throw;
            }
        }
    }

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        var log = Folder.Combine("output.log");
        File.Delete(log);
        _child = await ChildProcess.StartAsync(_program, _package, BuildArguments(), log);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_startTimeout);
        try
        {
            while (!await AnswersAsync(timeout.Token))
            {
                FailIfExited();
                await Task.Delay(PollInterval, TimeProvider.System, timeout.Token);
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{_program} did not serve on {Addr} within {_startTimeout}. {Child.QuoteLog()}", e);
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var answer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        answer.CancelAfter(AnswerTimeout);
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(Address, Port), answer.Token);
            await using var stream = new NetworkStream(socket);
            return await ServesAsync(stream, answer.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    private void FailIfExited()
    {
        if (!Child.HasExited)
        {
            return;
        }

        var log = Child.QuoteLog();
        throw log.Contains("Address already in use", StringComparison.OrdinalIgnoreCase)
            ? new PortTakenException($"The port of {Addr} was taken before {_program} could listen on it. {log}")
            : new InvalidOperationException($"{_program} ended while it was starting. {log}");
    }

    private sealed class PortTakenException(string message) : InvalidOperationException(message);
}
