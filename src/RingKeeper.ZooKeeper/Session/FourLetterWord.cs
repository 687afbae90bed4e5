using System.Net;
using System.Text;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>Asks a server by a four-letter word in place of a handshake; the answer is text and ends with the connection.</summary>
internal sealed class FourLetterWord(IZooKeeperTransport transport, TimeProvider time)
{
    // The longest that is asked for takes a few hundred bytes.
    private const int LongestAnswer = 1 << 20;

    private const string NotServing = "This ZooKeeper instance is not currently serving requests";

    /// <exception cref="ZooKeeperException">The server could not be asked.</exception>
    public async Task<string> AskAsync(ServerAddress server, string word, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return await ExchangeAsync(server, word, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unanswered(server, word, $"there was no answer within {timeout.TotalSeconds:0.###} s", exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A transport may have exceptions of its own.
            throw Unanswered(server, word, exception.Message, exception);
        }
    }

    /// <summary>isro where it is allowed, otherwise srvr, which is by default.</summary>
    public async Task<ZooKeeperServerMode> GetModeAsync(ServerAddress server, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(server, "isro", timeout, cancellationToken).ConfigureAwait(false);
        if (!IsForbidden(answer))
        {
            return answer.Trim() switch
            {
                "rw" => ZooKeeperServerMode.ReadWrite,
                "ro" => ZooKeeperServerMode.ReadOnly,
                "null" => ZooKeeperServerMode.NotServing,
                _ when IsNotServing(answer) => ZooKeeperServerMode.NotServing,
                _ => throw Unreadable(server, "isro", answer),
            };
        }

        var statistics = await AskAsync(server, "srvr", timeout, cancellationToken).ConfigureAwait(false);
        return IsNotServing(statistics) ? ZooKeeperServerMode.NotServing
            : ServerStatisticsText.Parse(Allowed(server, "srvr", statistics)).Mode is { } mode && mode == "read-only" ? ZooKeeperServerMode.ReadOnly
            : ZooKeeperServerMode.ReadWrite;
    }

    public static bool IsNotServing(string answer) => answer.StartsWith(NotServing, StringComparison.Ordinal);

    /// <exception cref="ZooKeeperException">The server does not execute the word.</exception>
    public static string Allowed(ServerAddress server, string word, string answer) => !IsForbidden(answer)
        ? answer
        : throw new ZooKeeperException(
            ZooKeeperErrorCode.Unimplemented,
            path: null,
            OperationOutcome.Refused,
            $"{server} does not execute '{word}'. Add it to 4lw.commands.whitelist in the server's configuration and restart the server.");

    public static ZooKeeperException Unreadable(ServerAddress server, string word, string answer) => new(
        ZooKeeperErrorCode.MarshallingError,
        path: null,
        OperationOutcome.Unknown,
        answer.Length == 0
            ? $"{server} closed the connection instead of answering '{word}'. Is it a ZooKeeper server, and this its client port?"
            : $"{server} answered '{word}' with '{(answer.Length > 80 ? answer[..80] : answer).ReplaceLineEndings(" ")}', which is no answer of ZooKeeper.");

    private static bool IsForbidden(string answer) => answer.Contains("is not executed because it is not in the whitelist", StringComparison.Ordinal);

    private async Task<string> ExchangeAsync(ServerAddress server, string word, CancellationToken cancellationToken)
    {
        var stream = await transport.ConnectAsync(new DnsEndPoint(server.Host, server.Port), cancellationToken).ConfigureAwait(false);
        await using var closing = stream.ConfigureAwait(false);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(word), cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        using var answer = new MemoryStream();
        var buffer = new byte[4096];
        for (var count = -1; count != 0 && answer.Length < LongestAnswer;)
        {
            count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            answer.Write(buffer, 0, count);
        }

        return Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length);
    }

    private static ZooKeeperException Unanswered(ServerAddress server, string word, string reason, Exception cause) => new(
        ZooKeeperErrorCode.ConnectionLoss, path: null, OperationOutcome.Unknown, $"{server} could not be asked '{word}': {reason}. Check that it runs and the address is right.", cause);
}
