using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <content>What becomes of a session whose credentials are refused before its connection is its own.</content>
internal sealed partial class ClientSession
{
    // What those are told who ask for something later.
    private string AuthFailedMessage { get; set; } = "The server refused the credentials of this client. Correct them and connect anew.";

    /// <summary>Whether something of this client's may give it an identity; it decides what a refusal means.</summary>
    private bool IsIdentified => _credentials.Count > 0 || _options.Sasl is not null || _options.Tls is { HasCertificate: true };

    /// <summary>A server refused the credentials of SASL: the client is of no use any more.</summary>
    public void RefuseCredentials(string mechanism, string message)
    {
        lock (_gate)
        {
            if (_phase == Phase.Closing)
            {
                // What is left of the session will expire; there is nobody to tell.
                _identity.Forget();
                return;
            }

            if (_phase != Phase.Open)
            {
                return;
            }

            _phase = Phase.AuthFailed;
            AuthFailedMessage = message;
            Publish(_feed.Current with { State = SessionState.AuthFailed });
            EndRequestsAndWatches(ZooKeeperErrorCode.AuthFailed, message);
            Log.AuthFailed(_logger, $"sasl ({mechanism})");
        }
    }
}
