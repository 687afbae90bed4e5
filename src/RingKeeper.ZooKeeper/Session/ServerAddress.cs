namespace RingKeeper.ZooKeeper.Session;

/// <summary>One server of the connect string; the host is resolved anew at each attempt.</summary>
internal readonly record struct ServerAddress(string Host, int Port)
{
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
