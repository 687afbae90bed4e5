using StackExchange.Redis;

namespace RingKeeper.Cli;

/// <summary>Credentials and other settings of connections to Redis, from the environment; never an argument, never printed.</summary>
/// <remarks>No message here quotes a part of the text: any part of a mistyped one may be the password.</remarks>
internal sealed class RedisSettings
{
    public const string Variable = "RINGKEEPER_REDIS";

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

    /// <summary>Reads the variable; unset or empty means no settings.</summary>
    /// <exception cref="CliUsageException">The text names an endpoint or a setting that is not taken, or has a bad value.</exception>
    public static RedisSettings Read(Func<string, string?> getVariable)
    {
        var text = getVariable(Variable) ?? "";
        var parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var names = parts.Select(part => part.Split('=', 2)[0].Trim()).ToArray();
        if (parts.Any(part => !part.Contains('=', StringComparison.Ordinal)))
        {
            throw new CliUsageException(
                $"{Variable} contains something other than name=value. The shards' addresses come from the cluster: leave endpoints out.");
        }

        if (!names.All(Copies.ContainsKey))
        {
            throw new CliUsageException($"{Variable} contains a setting that is not taken. These are: {string.Join(", ", Copies.Keys)}.");
        }

        return new RedisSettings(parts.Length == 0 ? new ConfigurationOptions() : Parse(text), names);
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

    private static ConfigurationOptions Parse(string text)
    {
        try
        {
            return ConfigurationOptions.Parse(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new CliUsageException($"{Variable} has a value that StackExchange.Redis cannot read; correct its settings.");
        }
    }
}
