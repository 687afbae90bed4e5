namespace RingKeeper.ZooKeeper.Session;

/// <summary>Requests of which not a byte was given to a socket, oldest first. They are linked through themselves, so that any can leave at no cost.</summary>
internal sealed class UnsentList
{
    public Request? First { get; private set; }

    public int Count { get; private set; }

    private Request? Last { get; set; }

    public void AddLast(Request request)
    {
        (request.Previous, request.Next, request.IsUnsent) = (Last, null, true);
        if (Last is null)
        {
            First = request;
        }
        else
        {
            Last.Next = request;
        }

        Last = request;
        Count++;
    }

    public void AddFirst(Request request)
    {
        (request.Previous, request.Next, request.IsUnsent) = (null, First, true);
        if (First is null)
        {
            Last = request;
        }
        else
        {
            First.Previous = request;
        }

        First = request;
        Count++;
    }

    /// <summary>Takes a request out; false when it is not in the list.</summary>
    public bool Remove(Request request)
    {
        if (!request.IsUnsent)
        {
            return false;
        }

        if (request.Previous is { } previous)
        {
            previous.Next = request.Next;
        }
        else
        {
            First = request.Next;
        }

        if (request.Next is { } next)
        {
            next.Previous = request.Previous;
        }
        else
        {
            Last = request.Previous;
        }

        (request.Previous, request.Next, request.IsUnsent) = (null, null, false);
        Count--;
        return true;
    }
}
