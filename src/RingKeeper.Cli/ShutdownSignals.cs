using System.Runtime.InteropServices;

namespace RingKeeper.Cli;

/// <summary>Turns the first Ctrl-C or SIGTERM into a cancellation; the second ends the process as usual.</summary>
internal sealed class ShutdownSignals : IDisposable
{
    private readonly CancellationTokenSource _shutdown = new();
    private readonly PosixSignalRegistration[] _registrations;

    public ShutdownSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
    ];

    public CancellationToken Token => _shutdown.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _shutdown.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = !_shutdown.IsCancellationRequested;
        _shutdown.Cancel();
    }
}
