namespace RingKeeper;

/// <summary>The commands that find out whether a shard takes a write, and what their answers mean.</summary>
/// <param name="key">The key to write, which nobody else does.</param>
/// <param name="value">The value.</param>
internal sealed class WriteCheck(string key, string value)
{
    /// <summary>How long the key stays, in milliseconds: it goes by itself when its checker has gone.</summary>
    public const string Milliseconds = "10000";

    public IReadOnlyList<byte[]> Commands { get; } = [RespReply.Command("SET", key, value, "PX", Milliseconds), RespReply.Command("GET", key)];

    /// <summary>What the answers to <see cref="Commands"/> mean; the server has answered PING well.</summary>
    public ProbeResult Judge(RespReply set, RespReply get)
    {
        if (set.IsError || get.IsError)
        {
            return PingProbe.Judge(set.IsError ? set : get);
        }

        return set is not { IsBulk: false, Text: "OK" } || !get.IsBulk ? new ProbeResult(ProbeOutcome.Garbage, "the answers to SET and GET are not Redis'")
            : get.Text != value ? new ProbeResult(ProbeOutcome.Unwritable, "a key that was just written is not read back")
            : new ProbeResult(ProbeOutcome.Alive);
    }
}
