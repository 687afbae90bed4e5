namespace RingKeeper.Cli.Documents;

/// <summary>What kind of value a setting of a twemproxy pool takes.</summary>
internal enum TwemproxyValue
{
    Text,
    Number,
    Bool,
    List,
}

/// <summary>A setting of a twemproxy pool.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What it takes.</param>
/// <param name="Instead">For a setting that a cluster does not have, what takes its place.</param>
internal sealed record TwemproxySetting(string Name, TwemproxyValue Value, string? Instead = null)
{
    private const string NoProxy = "clients connect to the shards themselves";

    /// <summary>Gets every setting that a pool can have.</summary>
    public static IReadOnlyList<TwemproxySetting> All { get; } =
    [
        new("servers", TwemproxyValue.List),
        new("hash", TwemproxyValue.Text),
        new("hash_tag", TwemproxyValue.Text),
        new("distribution", TwemproxyValue.Text),
        new("redis", TwemproxyValue.Bool),
        new("auto_eject_hosts", TwemproxyValue.Bool),
        new("redis_auth", TwemproxyValue.Text, $"credentials never go to ZooKeeper; put this one into {RedisVariable.Name}, as password=…, of every checker and command, and into the settings of every client"),
        new("redis_db", TwemproxyValue.Number, $"put defaultDatabase into the Redis settings of every client, {RedisVariable.Name} for commands; keys lie in the database of this number"),
        new("listen", TwemproxyValue.Text, $"there is no proxy; {NoProxy}"),
        new("timeout", TwemproxyValue.Number, $"a client sets its own connectTimeout, syncTimeout and asyncTimeout, a checker its --threshold"),
        new("backlog", TwemproxyValue.Number, $"there is no proxy; {NoProxy}"),
        new("client_connections", TwemproxyValue.Number, $"there is no proxy; {NoProxy}"),
        new("server_connections", TwemproxyValue.Number, "a client sends all commands to a shard over one connection"),
        new("preconnect", TwemproxyValue.Bool, "a client connects to every shard when it starts"),
        new("tcpkeepalive", TwemproxyValue.Bool, "checkers probe every shard all the time"),
        new("reuseport", TwemproxyValue.Bool, $"there is no proxy; {NoProxy}"),
        new("server_retry_timeout", TwemproxyValue.Number, "a shard is back as soon as a majority of checkers reaches it; see checker --interval"),
        new("server_failure_limit", TwemproxyValue.Number, "a shard is dead once a majority of checkers has missed it for checker --threshold"),
    ];
}

/// <summary>What the person who imports a pool should know about one of its settings.</summary>
/// <param name="Setting">The setting's name.</param>
/// <param name="Line">Its line in the file, or that of the pool where the setting is left out.</param>
/// <param name="Text">What to know.</param>
internal sealed record TwemproxyNote(string Setting, int Line, string Text);
