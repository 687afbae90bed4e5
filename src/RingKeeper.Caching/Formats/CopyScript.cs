using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>A script, called by its digest; a server that does not know it, as after a restart, is given the text and asked once more.</summary>
[SuppressMessage("Security", "CA5350", Justification = "The protocol names scripts so.")]
internal sealed class CopyScript(string text)
{
    private readonly byte[] _digest = SHA1.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>Whether an error says that the server does not know the script: nothing was run.</summary>
    public static bool IsUnknown(RedisServerException error) => error.Kind == RedisErrorKind.NoScript;

    /// <summary>Calls it by its digest alone, for a caller that can do something else where the server does not know it.</summary>
    public Task<RedisResult> CallAsync(IDatabase database, RedisKey[] keys, RedisValue[] values) => database.ScriptEvaluateAsync(_digest, keys, values);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RedisResult> RunAsync(IDatabase database, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await CallAsync(database, keys, values).ConfigureAwait(false);
        }
        catch (RedisServerException e) when (IsUnknown(e))
        {
            return await database.ScriptEvaluateAsync(text, keys, values).ConfigureAwait(false);
        }
    }

    /// <summary>The same for a caller that waits on its thread.</summary>
    public RedisResult Run(IDatabase database, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return database.ScriptEvaluate(_digest, keys, values);
        }
        catch (RedisServerException e) when (IsUnknown(e))
        {
            return database.ScriptEvaluate(text, keys, values);
        }
    }
}
