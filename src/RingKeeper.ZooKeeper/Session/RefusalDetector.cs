namespace RingKeeper.ZooKeeper.Session;

/// <summary>Notices that every server answers the handshake and gives no session. One that is not reached may yet give one, and one that gives one ends the matter.</summary>
internal sealed class RefusalDetector(int serverCount)
{
    private readonly HashSet<ServerAddress> _refused = [];
    private bool _isReported;

    /// <summary>Gets a value indicating whether every server refused since the last that did not.</summary>
    public bool IsConvinced => _refused.Count >= serverCount;

    /// <summary>Notes a refusal; true when it is the one that completes the first round of all servers.</summary>
    public bool Note(ServerAddress server)
    {
        _refused.Add(server);
        var isNews = IsConvinced && !_isReported;
        _isReported |= isNews;
        return isNews;
    }

    public void NoteSession()
    {
        _refused.Clear();
        _isReported = false;
    }
}
