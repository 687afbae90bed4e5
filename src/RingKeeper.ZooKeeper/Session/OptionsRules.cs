namespace RingKeeper.ZooKeeper.Session;

/// <summary>Refuses options that could not work.</summary>
internal static class OptionsRules
{
    // Leaves room for what stands before a frame in one array.
    private const int LargestFrame = 1 << 30;

    // What a timer takes.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(int.MaxValue);

    /// <exception cref="ArgumentException">Names the option and what it must be.</exception>
    public static void Check(ZooKeeperClientOptions options)
    {
        CheckDuration(options.SessionTimeout, nameof(options.SessionTimeout));
        CheckDuration(options.ConnectTimeout, nameof(options.ConnectTimeout));
        CheckDuration(options.StartTimeout, nameof(options.StartTimeout));
        CheckDuration(options.UnsentTimeout, nameof(options.UnsentTimeout));
        if (options.MaxReconnectPause < TimeSpan.Zero || options.MaxReconnectPause > Longest)
        {
            throw Bad(nameof(options.MaxReconnectPause), "must be zero or longer, and at most 24 days");
        }

        if (options.MaxFrameLength is < 1024 or > LargestFrame)
        {
            throw Bad(nameof(options.MaxFrameLength), "must be from 1024 bytes to 1 GiB");
        }

        if (options.MaxPendingRequests < 1)
        {
            throw Bad(nameof(options.MaxPendingRequests), "must be at least 1");
        }

        if (options.DigestCredentials is { } digest && digest.IndexOf(':') <= 0)
        {
            throw Bad(nameof(options.DigestCredentials), "must be written as 'user:password'");
        }

        options.Sasl?.Check();
        if (options.Tls is { } tls)
        {
            // The files can be used now; each connection reads them again.
            Security.TlsMaterial.Load(tls, "host");
        }
    }

    private static void CheckDuration(TimeSpan value, string name)
    {
        if (value < TimeSpan.FromMilliseconds(1) || value > Longest)
        {
            throw Bad(name, $"must be from 1 ms to 24 days, not {value}");
        }
    }

#pragma warning disable MA0015 // The message names the option that is wrong; no parameter of this method is.
    private static ArgumentException Bad(string name, string rule) => new($"{nameof(ZooKeeperClientOptions)}.{name} {rule}.");
#pragma warning restore MA0015
}
