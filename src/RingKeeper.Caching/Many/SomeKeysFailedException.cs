using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Some keys of a many-key operation failed; with all others it did what was asked.</summary>
public sealed class SomeKeysFailedException : RingKeeperException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="failures">The keys that failed and why.</param>
    public SomeKeysFailedException(string message, IReadOnlyList<KeyValuePair<RedisKey, Exception>> failures)
        : base(message, failures is [var first, ..] ? first.Value : null) => Failures = failures;

    /// <summary>Gets the keys that failed, in the order they were given, and why.</summary>
    public IReadOnlyList<KeyValuePair<RedisKey, Exception>> Failures { get; }
}
