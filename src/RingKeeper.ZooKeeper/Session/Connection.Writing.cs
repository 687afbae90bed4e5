using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <content>What goes to the server.</content>
internal sealed partial class Connection
{
    /// <summary>There is something to write: it is written on the thread pool, with what comes until then. Never blocks.</summary>
    public void Wake()
    {
        if (_writing.TryEnterOrNote())
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>
    /// There is one thing to write and nothing under way, so that no batch is to be expected: writes it on this thread, which spares a change of threads.
    /// Not under the session's lock.
    /// </summary>
    public void WriteNow()
    {
        if (_writing.TryEnterOrNote())
        {
            Write(isCallers: true);
        }
    }

    /// <summary>Writes what there is.</summary>
    void IThreadPoolWorkItem.Execute() => Write(isCallers: false);

    // A caller's thread writes one batch and leaves what came meanwhile to the pool: it has work of its own. Bytes that the socket takes at once cost no task.
    private void Write(bool isCallers)
    {
        try
        {
            do
            {
                while (FillBatch())
                {
#pragma warning disable CA2012 // Awaited below, unless it is over already.
                    var write = _stream.WriteAsync(_batch.Written, _droppedToken);
#pragma warning restore CA2012
                    if (!write.IsCompletedSuccessfully)
                    {
                        _ = GoOnAsync(write);
                        return;
                    }

                    write.GetAwaiter().GetResult();
                    var flush = _stream.FlushAsync(_droppedToken);
                    if (!flush.IsCompletedSuccessfully)
                    {
                        _ = GoOnAsync(new ValueTask(flush));
                        return;
                    }

                    var wasFull = EndBatch();
                    if (isCallers)
                    {
                        if (wasFull || !_writing.TryLeave())
                        {
                            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                        }

                        return;
                    }
                }
            }
            while (!_writing.TryLeave());
        }
        catch (Exception exception)
        {
            // The writing is never left: nothing is written any more.
            End(exception);
        }
    }

    // The socket is full, or the stream works in a way of its own.
    private async Task GoOnAsync(ValueTask write)
    {
        try
        {
            await write.ConfigureAwait(false);
            await _stream.FlushAsync(_droppedToken).ConfigureAwait(false);
            EndBatch();
        }
        catch (Exception exception)
        {
            End(exception);
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    // True when the batch was full, so that more may be waiting.
    private bool EndBatch()
    {
        Interlocked.Exchange(ref _lastSent, _time.GetTimestamp());
        var wasFull = _batch.Length >= BatchLength;
        if (_batch.Length > 2 * BatchLength)
        {
            // One large request should not hold its buffer for the life of the connection.
            _batch = new FrameWriter();
        }

        return wasFull;
    }

    private bool FillBatch()
    {
        _batch.Clear();
        if (_droppedToken.IsCancellationRequested)
        {
            // What is not taken now was never sent and waits for the next connection.
            return false;
        }

        if (_ping == PingState.Due)
        {
            Interlocked.Exchange(ref _pingSentAt, _time.GetTimestamp());
            _ping = PingState.Unanswered;
            _batch.BeginFrame();
            new RequestHeader(SpecialXid.Ping, OpCode.Ping).Write(_batch);
            _batch.EndFrame();
        }

        _owner.Fill(this, _batch, BatchLength);
        return _batch.Length > 0;
    }
}
