using System.Net.Sockets;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli.Doctor;

/// <summary>What a question gave: an answer, or why there is none.</summary>
/// <param name="Value">The answer, or null.</param>
/// <param name="Trouble">Why there is none, without a secret.</param>
internal sealed record Asked<T>(T? Value, string Trouble)
    where T : class
{
    /// <summary>Gets whether the time ran out.</summary>
    public bool IsLate { get; init; }

    /// <summary>Gets the failure, where one was told.</summary>
    public Exception? Failure { get; init; }
}

/// <summary>Asks questions that may fail, each within a time.</summary>
/// <param name="timeout">How long one may take.</param>
/// <param name="time">The source of time.</param>
internal sealed class Questions(TimeSpan timeout, TimeProvider time)
{
    public TimeSpan Timeout => timeout;

    /// <summary>Asks; a server that does not answer is an answer too. Only the caller's own token ends it otherwise.</summary>
    public async Task<Asked<T>> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
        where T : class
    {
        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            // Waited for beside it: what is asked may be slow to hear of the token.
            return new Asked<T>(await ask(either.Token).WaitAsync(either.Token), "");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Asked<T>(null, $"no answer within {Duration.Format(timeout)}") { IsLate = true };
        }
        catch (Exception e) when (e is RingKeeperException or ZooKeeperException or IOException or TimeoutException or SocketException)
        {
            return new Asked<T>(null, ZooKeeperServers.Describe(e).TrimEnd('.')) { Failure = e };
        }
    }
}
