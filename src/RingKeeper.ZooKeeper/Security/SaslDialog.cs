using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper.Session;

namespace RingKeeper.ZooKeeper.Security;

/// <summary>A SASL conversation with one server, its first token at hand.</summary>
internal sealed class SaslDialog : IDisposable
{
    private readonly ISaslConversation _conversation;
    private readonly byte[] _first;
    private readonly ServerAddress _server;
    private readonly string _mechanism;
    private readonly ILogger _logger;

    private SaslDialog(ISaslConversation conversation, byte[] first, ServerAddress server, string mechanism, ILogger logger) =>
        (_conversation, _first, _server, _mechanism, _logger) = (conversation, first, server, mechanism, logger);

    public static async Task<SaslDialog> PrepareAsync(ZooKeeperSaslOptions options, ServerAddress server, ILogger logger, CancellationToken cancellationToken)
    {
        // The system may ask a KDC, which takes its time and cannot be cancelled; a conversation that is still asking is left to the end of that.
        var started = Task.Run(
            () =>
            {
                var conversation = options.Begin(server.Host);
                try
                {
                    return new SaslDialog(conversation, conversation.Start(), server, options.Mechanism, logger);
                }
                catch
                {
                    conversation.Dispose();
                    throw;
                }
            },
            CancellationToken.None);
        try
        {
            return await started.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It may have been completed since.
            _ = started.ContinueWith(
                static task =>
                {
                    // Looking at the exception marks it as observed.
                    _ = task.Exception;
                    if (task.IsCompletedSuccessfully)
                    {
                        task.Result.Dispose();
                    }
                },
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Authenticates on a connection that has just been given its session.</summary>
    /// <exception cref="SecurityFailureException">The server cannot be talked with so; another may.</exception>
    /// <exception cref="CredentialsRefusedException">The server refused the credentials.</exception>
    public async Task RunAsync(Stream stream, FrameReader reader, CancellationToken cancellationToken)
    {
        await SaslExchange.RunAsync(stream, reader, _conversation, _first, $"SASL {_mechanism} with {_server}", cancellationToken).ConfigureAwait(false);
        SecurityLog.Authenticated(_logger, _server, _mechanism);
    }

    public void Dispose() => _conversation.Dispose();
}
