using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <content>What comes from the server.</content>
internal sealed partial class Connection
{
    private void OnReceived() => Read(isStart: false);

    // Takes what there is, waits for the next bytes, and only then tells the last caller whose answer came: on this thread, which the connection needs no more.
    private void Read(bool isStart)
    {
        IThreadPoolWorkItem? last = null;
        try
        {
            // What came with the handshake is there without receiving.
            var isOpen = isStart || Receive(_receiving.GetResult());
            while (isOpen)
            {
                TakeBatch();
#pragma warning disable CA2012 // Consumed once, in OnReceived or below; an await could not do something between asking for bytes and waiting for them.
                _receiving = _stream.ReadAsync(_reader.PrepareReceive(), _droppedToken).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
                if (!_receiving.IsCompleted)
                {
                    // The thread that started the connection has to wait for its end.
                    last = _finished.Queue(keepLast: !isStart);

                    // Another thread may be reading from here on.
                    _receiving.UnsafeOnCompleted(_received);
                    break;
                }

                _finished.Queue(keepLast: false);
                isOpen = Receive(_receiving.GetResult());
            }
        }
        catch (Exception exception)
        {
            End(exception);
            _finished.Queue(keepLast: false);
            _ended.TrySetResult();
        }

        last?.Execute();
    }

    // False when the server has closed.
    private bool Receive(int count)
    {
        if (count == 0)
        {
            Drop("the server closed it");
            _ended.TrySetResult();
            return false;
        }

        _reader.Received(count);
        Interlocked.Exchange(ref _lastHeard, _time.GetTimestamp());
        return true;
    }

    private void TakeBatch()
    {
        _finished.Open();
        try
        {
            while (!_droppedToken.IsCancellationRequested && _reader.TryTake(out var frame))
            {
                TakeFrame(frame);
            }
        }
        finally
        {
            Finished.Close();
        }
    }

    private void TakeFrame(ReadOnlySpan<byte> frame)
    {
        try
        {
            var body = new JuteReader(frame);
            var header = ReplyHeader.Read(ref body);
            if (header.Xid != SpecialXid.Notification)
            {
                Interlocked.Exchange(ref _lastAnswer, LastHeard);
            }

            if (header.Xid == SpecialXid.Ping)
            {
                LastAnsweredSend = Interlocked.Read(ref _pingSentAt);
                Touches.Note(LastAnsweredSend, LastHeard);
                _ping = PingState.None;
                Schedule();
            }
            else
            {
                _owner.OnFrame(this, header, ref body);
            }
        }
        catch (Exception exception) when (exception is not (JuteException or ProtocolViolationException))
        {
            // Whatever a server sends may cost its connection, never the client.
            throw new ProtocolViolationException($"A frame of {frame.Length} bytes could not be taken in: {exception.Message}", exception);
        }
    }
}
