namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>A fault that waits for its request; it strikes once.</summary>
public sealed class ScriptedFault
{
    private readonly TaskCompletionSource<ServerRequest> _struck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<ServerRequest, bool>? _matching;

    internal ScriptedFault(FaultKind kind, Func<ServerRequest, bool>? matching) => (Kind, _matching) = (kind, matching);

    /// <summary>Gets the request that it struck, once it has. Cancelled when the fault is called off.</summary>
    public Task<ServerRequest> Struck => _struck.Task;

    internal FaultKind Kind { get; }

    /// <summary>Calls the fault off, unless it has struck already.</summary>
    /// <returns>False when it had struck.</returns>
    public bool CallOff() => _struck.TrySetCanceled() || _struck.Task.IsCanceled;

    internal bool Matches(ServerRequest request) =>
        !_struck.Task.IsCompleted && (_matching is null ? request.Operation != nameof(Wire.OpCode.Ping) : _matching(request));

    internal bool Strike(ServerRequest request) => _struck.TrySetResult(request);
}
