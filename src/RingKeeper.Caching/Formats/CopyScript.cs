using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>A script, called by its digest; a server that does not know it, as after a restart, is given the text and asked once more.</summary>
[SuppressMessage("Security", "CA5350", Justification = "The protocol names scripts so.")]
internal sealed class CopyScript(string text)
{
    private readonly byte[] _digest = SHA1.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>Whether an error says that the server does not know a script; then nothing was run.</summary>
    public static bool IsUnknown(RedisServerException error) => error.Kind == RedisErrorKind.NoScript;

    public async ValueTask<RedisResult> RunAsync(IDatabase database, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await SendAsync(database, keys, values).ConfigureAwait(false);
        }
        catch (RedisServerException e) when (IsUnknown(e))
        {
            return await SendTextAsync(database, keys, values).ConfigureAwait(false);
        }
    }

    /// <summary>Calls it by its digest.</summary>
    public Task<RedisResult> SendAsync(IDatabase database, RedisKey[] keys, RedisValue[] values) => database.ScriptEvaluateAsync(_digest, keys, values);

    /// <summary>Gives the server its text and calls it.</summary>
    public Task<RedisResult> SendTextAsync(IDatabase database, RedisKey[] keys, RedisValue[] values) => database.ScriptEvaluateAsync(text, keys, values);
}
