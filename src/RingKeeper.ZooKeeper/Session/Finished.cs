namespace RingKeeper.ZooKeeper.Session;

/// <summary>
/// Requests whose callers are to be told. Outside of a batch each is queued to the thread pool. The loop that reads a connection opens a batch, waits for the
/// next bytes first, and then tells the last caller on its own thread: that spares a change of threads, and whatever the caller does there, the connection
/// does not wait for it.
/// </summary>
internal sealed class Finished
{
    [ThreadStatic]
    private static Finished? t_open;

    private readonly Queue<IThreadPoolWorkItem> _requests = new();

    public static void Add(IThreadPoolWorkItem request)
    {
        if (t_open is { } batch)
        {
            batch._requests.Enqueue(request);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(request, preferLocal: false);
        }
    }

    /// <summary>Collects what this thread finishes from now on.</summary>
    public void Open() => t_open = this;

    public static void Close() => t_open = null;

    /// <summary>Queues all that was collected, but for the last where the caller can tell it itself.</summary>
    public IThreadPoolWorkItem? Queue(bool keepLast)
    {
        while (_requests.TryDequeue(out var request))
        {
            if (keepLast && _requests.Count == 0)
            {
                return request;
            }

            ThreadPool.UnsafeQueueUserWorkItem(request, preferLocal: false);
        }

        return null;
    }
}
