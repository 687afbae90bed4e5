using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Credentials and other settings of connections to Redis as one text, without end points; never printed.</summary>
/// <remarks>No message here quotes a part of the text: any part of a mistyped one may be the password.</remarks>
internal sealed class RedisSettings
{
    private static readonly Dictionary<string, Action<ConfigurationOptions, ConfigurationOptions>> Copies = new(StringComparer.OrdinalIgnoreCase)
    {
        ["user"] = static (from, to) => to.User = from.User,
        ["password"] = static (from, to) => to.Password = from.Password,
        ["ssl"] = static (from, to) => to.Ssl = from.Ssl,
        ["sslHost"] = static (from, to) => to.SslHost = from.SslHost,
        ["sslProtocols"] = static (from, to) => to.SslProtocols = from.SslProtocols,
        ["checkCertificateRevocation"] = static (from, to) => to.CheckCertificateRevocation = from.CheckCertificateRevocation,
        ["defaultDatabase"] = static (from, to) => to.DefaultDatabase = from.DefaultDatabase,
        ["name"] = static (from, to) => to.ClientName = from.ClientName,
        ["connectTimeout"] = static (from, to) => to.ConnectTimeout = from.ConnectTimeout,
        ["syncTimeout"] = static (from, to) => to.SyncTimeout = from.SyncTimeout,
        ["asyncTimeout"] = static (from, to) => to.AsyncTimeout = from.AsyncTimeout,
    };

    private readonly ConfigurationOptions _options;
    private readonly IReadOnlyList<string> _names;

    private RedisSettings(ConfigurationOptions options, IReadOnlyList<string> names)
    {
        _options = options;
        _names = names;
    }

    /// <summary>Reads settings; null or empty means none.</summary>
    /// <param name="text">The settings as StackExchange.Redis writes them: <c>name=value,name=value</c>.</param>
    /// <param name="source">What the text comes from, such as a variable's or an option's name, for messages.</param>
    /// <exception cref="RingKeeperException">The text names an endpoint or a setting that is not taken, or has a bad value.</exception>
    public static RedisSettings Parse(string? text, string source)
    {
        text ??= "";
        var parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var names = parts.Select(part => part.Split('=', 2)[0].Trim()).ToArray();
        if (parts.Any(part => !part.Contains('=', StringComparison.Ordinal)))
        {
            throw new RingKeeperException(
                $"{source} contains something other than name=value. The shards' addresses come from the cluster: leave endpoints out.");
        }

        if (!names.All(Copies.ContainsKey))
        {
            throw new RingKeeperException($"{source} contains a setting that is not taken. These are: {string.Join(", ", Copies.Keys)}.");
        }

        return new RedisSettings(parts.Length == 0 ? new ConfigurationOptions() : ParseOptions(text, source), names);
    }

    /// <summary>Applies the settings to the options of one connection.</summary>
    public void Apply(ConfigurationOptions target)
    {
        foreach (var name in _names)
        {
            Copies[name](_options, target);
        }
    }

    /// <summary>Describes which settings are there, without their values.</summary>
    public override string ToString() => _names.Count == 0 ? "no settings" : string.Join(", ", _names);

    private static ConfigurationOptions ParseOptions(string text, string source)
    {
        try
        {
            return ConfigurationOptions.Parse(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new RingKeeperException($"{source} has a value that StackExchange.Redis cannot read; correct its settings.");
        }
    }
}
