namespace RingKeeper.Simulator.Caches;

/// <summary>All that ever happened to one key, on whatever shard.</summary>
internal sealed class KeyRegister
{
    private readonly List<RegisterWrite> _writes = [];
    private readonly Dictionary<long, RegisterWrite> _byNumber = [];

    // Acknowledged, in the order of acknowledgement: each with the newest so far.
    private readonly List<(long At, RegisterWrite Newest)> _current = [];
    private readonly List<(long At, RegisterWrite Newest)> _agreed = [];
    private readonly List<(long At, RegisterWrite Newest)> _all = [];

    public void Add(RegisterWrite write)
    {
        _writes.Add(write);
        if (write.Number != 0)
        {
            _byNumber[write.Number] = write;
        }
    }

    public void Acknowledge(RegisterWrite write, long now)
    {
        write.Acknowledged = now;
        Append(_all, write, now);
        if (write.IsCurrent)
        {
            Append(_current, write, now);
        }

        if (write.IsAgreed)
        {
            Append(_agreed, write, now);
        }
    }

    public RegisterWrite? Find(long number) => _byNumber.GetValueOrDefault(number);

    /// <summary>The newest current write that was acknowledged before.</summary>
    public RegisterWrite? NewestCurrent(long before) => Newest(_current, before);

    /// <summary>The newest write that all clients agreed on and that was acknowledged before.</summary>
    public RegisterWrite? NewestAgreed(long before) => Newest(_agreed, before);

    /// <summary>The writes that were executed after one, newest first.</summary>
    public IEnumerable<RegisterWrite> After(RegisterWrite write)
    {
        for (var i = _writes.Count - 1; i >= 0 && _writes[i].Order > write.Order; i--)
        {
            yield return _writes[i];
        }
    }

    /// <summary>The newest write at all that was acknowledged before.</summary>
    public RegisterWrite? NewestOfAll(long before) => Newest(_all, before);

    private static void Append(List<(long At, RegisterWrite Newest)> list, RegisterWrite write, long now) =>
        list.Add((now, list.Count > 0 && list[^1].Newest.Order > write.Order ? list[^1].Newest : write));

    private static RegisterWrite? Newest(List<(long At, RegisterWrite Newest)> list, long before)
    {
        for (var i = list.Count - 1; i >= 0; i--)
        {
            if (list[i].At < before)
            {
                return list[i].Newest;
            }
        }

        return null;
    }
}
