using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>One connection of a probe. A read is always pending, so that a server's death shows while the connection idles.</summary>
internal sealed class ProbeConnection : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    // All under _gate. A server may speak first, to turn a client away; that error answers the first call.
    private TaskCompletionSource<IReadOnlyList<RespReply>>? _waiter;
    private List<RespReply> _replies = [];
    private int _expected;
    private RespReply? _early;
    private bool _called;
    private ProbeException? _end;

    private ProbeConnection(Stream stream)
    {
        _stream = stream;
        _reading = ReadAsync();
    }

    /// <summary>Ends when the connection has ended, for whatever reason.</summary>
    public Task Ended => _ended.Task;

    /// <exception cref="ProbeException">The connection cannot be opened.</exception>
    public static async Task<ProbeConnection> OpenAsync(EndPoint endPoint, ConfigurationOptions configuration, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            RefuseItself(socket);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (configuration.Ssl)
            {
                var tls = new SslStream(stream);
                stream = tls;
                await tls.AuthenticateAsClientAsync(ProbeTls.OptionsFor(endPoint, configuration), cancellationToken).ConfigureAwait(false);
            }

            return new ProbeConnection(stream);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }

            if (exception is OperationCanceledException)
            {
                throw;
            }

            throw Explain(exception);
        }
    }

    /// <summary>
    /// Sends commands in one go and waits for their answers; one call at a time. There are fewer answers if the server closed the connection after the
    /// last of them, at least one. A call that does not end well leaves the connection unusable.
    /// </summary>
    /// <exception cref="ProbeException">The connection has ended.</exception>
    public async Task<IReadOnlyList<RespReply>> CallAsync(IReadOnlyList<byte[]> commands, CancellationToken cancellationToken)
    {
        var answers = Expect(commands.Count);
        try
        {
            await _stream.WriteAsync(commands is [var only] ? only : [.. commands.SelectMany(static command => command)], cancellationToken).ConfigureAwait(false);
            return await answers.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // What the server said before it closed tells more than the failed write: an answer, or an alert of TLS. The reader hears it, and ends with the connection.
            return await answers.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _stop.Dispose();
    }

    // Dialling a dead server on this machine may be given that very port as its own and meet itself. Closed without a trace,
    // else the port would stay taken when the server wants it back.
    private static void RefuseItself(Socket socket)
    {
        if (Equals(socket.LocalEndPoint, socket.RemoteEndPoint))
        {
            socket.LingerState = new LingerOption(true, 0);
            throw new SocketException((int)SocketError.ConnectionRefused);
        }
    }

    private Task<IReadOnlyList<RespReply>> Expect(int count)
    {
        lock (_gate)
        {
            var waiter = new TaskCompletionSource<IReadOnlyList<RespReply>>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_early is { } early)
            {
                _early = null;
                waiter.SetResult([early]);
            }
            else if (_end is not null)
            {
                Fail(waiter, _end);
            }
            else
            {
                (_waiter, _expected, _replies) = (waiter, count, new List<RespReply>(count));
            }

            _called = true;
            return waiter.Task;
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            var reader = new RespReader();
            var buffer = new byte[4096];
            int read;
            while ((read = await _stream.ReadAsync(buffer, _stop.Token).ConfigureAwait(false)) > 0)
            {
                Take(reader, buffer.AsSpan(0, read));
            }

            End(new ProbeException(ProbeOutcome.Closed, "the server closed the connection"));
        }
        catch (Exception exception)
        {
            End(Explain(exception));
        }
    }

    private void Take(RespReader reader, ReadOnlySpan<byte> bytes)
    {
        while (reader.TryRead(bytes, out var consumed, out var reply))
        {
            bytes = bytes[consumed..];
            lock (_gate)
            {
                if (_waiter is not null)
                {
                    _replies.Add(reply);
                    if (_replies.Count == _expected)
                    {
                        _waiter.SetResult(_replies);
                        _waiter = null;
                    }
                }
                else if (!_called && _early is null && reply.IsError)
                {
                    _early = reply;
                }
                else
                {
                    throw new FormatException("the server answered what was not asked");
                }
            }
        }
    }

    private void End(ProbeException end)
    {
        lock (_gate)
        {
            _end = end;
            if (_waiter is not null)
            {
                if (_replies.Count > 0 && end.Result.Outcome == ProbeOutcome.Closed)
                {
                    _waiter.SetResult(_replies);
                }
                else
                {
                    Fail(_waiter, end);
                }

                _waiter = null;
            }
        }

        _ended.SetResult();
    }

    // Whoever was cancelled waits no more; nobody else would observe the exception, and the process would be told of it.
    private static void Fail(TaskCompletionSource<IReadOnlyList<RespReply>> waiter, ProbeException end)
    {
        waiter.SetException(end);
        _ = waiter.Task.Exception;
    }

    private static ProbeException Explain(Exception exception)
    {
        var socketError = (exception as SocketException ?? exception.InnerException as SocketException)?.SocketErrorCode;
        return exception switch
        {
            ProbeException known => known,
            RingKeeperException => new ProbeException(ProbeOutcome.Misconfigured, exception.Message, exception),
            FormatException => new ProbeException(ProbeOutcome.Garbage, $"not an answer of a Redis server: {exception.Message}", exception),
            AuthenticationException => new ProbeException(ProbeOutcome.Misconfigured, ProbeTls.Explain(exception), exception),
            IOException when ProbeTls.IsRefusal(exception) => new ProbeException(ProbeOutcome.Misconfigured, ProbeTls.Explain(exception), exception),
            _ when socketError == SocketError.ConnectionRefused => new ProbeException(ProbeOutcome.Refused, "connection refused", exception),
            IOException or ObjectDisposedException or OperationCanceledException => new ProbeException(ProbeOutcome.Closed, "the connection was closed", exception),
            _ when socketError is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown =>
                new ProbeException(ProbeOutcome.Closed, "the connection was reset", exception),
            _ => new ProbeException(ProbeOutcome.Failed, exception.Message, exception),
        };
    }
}
