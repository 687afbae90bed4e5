using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Credentials and other settings of connections to Redis, without end points; never printed.</summary>
/// <remarks>No message here quotes a value, nor a name that is not known: any part of a mistyped text may be the password.</remarks>
internal sealed class RedisSettings
{
    private const string Ssl = "ssl";
    private const string CheckRevocation = "checkCertificateRevocation";

    // A null parser means that StackExchange.Redis reads the value.
    private static readonly Dictionary<string, (Func<string, ConfigurationOptions>? Parse, Action<ConfigurationOptions, ConfigurationOptions> Copy)> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["user"] = (static value => new ConfigurationOptions { User = value }, static (from, to) => to.User = from.User),
        ["password"] = (static value => new ConfigurationOptions { Password = value }, static (from, to) => to.Password = from.Password),
        [Ssl] = (null, static (from, to) => to.Ssl = from.Ssl),
        ["sslHost"] = (null, static (from, to) => to.SslHost = from.SslHost),
        ["sslProtocols"] = (null, static (from, to) => to.SslProtocols = from.SslProtocols),
        [CheckRevocation] = (null, static (from, to) => to.CheckCertificateRevocation = from.CheckCertificateRevocation),
        ["defaultDatabase"] = (null, static (from, to) => to.DefaultDatabase = from.DefaultDatabase),
        ["name"] = (null, static (from, to) => to.ClientName = from.ClientName),
        ["connectTimeout"] = (null, static (from, to) => to.ConnectTimeout = from.ConnectTimeout),
        ["syncTimeout"] = (null, static (from, to) => to.SyncTimeout = from.SyncTimeout),
        ["asyncTimeout"] = (null, static (from, to) => to.AsyncTimeout = from.AsyncTimeout),
    };

    private static readonly string[] TlsFiles = [RedisTls.CaFile, RedisTls.CertificateFile, RedisTls.KeyFile];

    private readonly IReadOnlyList<string> _names;
    private readonly IReadOnlyList<Action<ConfigurationOptions>> _copies;
    private readonly RedisTls? _tls;

    private RedisSettings(IReadOnlyList<string> names, IReadOnlyList<Action<ConfigurationOptions>> copies, RedisTls? tls)
    {
        _names = names;
        _copies = copies;
        _tls = tls;
    }

    /// <summary>The names of all settings.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Settings.Keys, .. TlsFiles];

    /// <summary>Whether a password is among the settings.</summary>
    public bool HasPassword => _names.Contains("password", StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads settings; null or empty means none.</summary>
    /// <param name="text">The settings as StackExchange.Redis writes them: <c>name=value,name=value</c>.</param>
    /// <param name="source">What the text comes from, such as a variable's or an option's name, for messages.</param>
    /// <exception cref="RingKeeperException">The text names an endpoint or a setting that is not taken, has a bad value, or a file that cannot be used.</exception>
    public static RedisSettings Parse(string? text, string source)
    {
        var parts = (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Any(part => !part.Contains('=', StringComparison.Ordinal)))
        {
            throw new RingKeeperException(
                $"{source} contains something other than name=value. The shards' addresses come from the cluster: leave endpoints out.");
        }

        return FromFields([.. parts.Select(part => part.Split('=', 2, StringSplitOptions.TrimEntries)).Select(part => (part[0], part[1]))], source);
    }

    /// <summary>Reads settings that stand apart already, so that a value may hold a comma.</summary>
    /// <param name="fields">Names and values.</param>
    /// <param name="source">What they come from, for messages.</param>
    /// <exception cref="RingKeeperException">A setting is not taken, has a bad value, or names a file that cannot be used.</exception>
    public static RedisSettings FromFields(IReadOnlyList<(string Name, string Value)> fields, string source)
    {
        if (!fields.All(field => Names.Contains(field.Name, StringComparer.OrdinalIgnoreCase)))
        {
            throw new RingKeeperException($"{source} contains a setting that is not taken. These are: {string.Join(", ", Names)}.");
        }

        var copies = new List<Action<ConfigurationOptions>>();
        foreach (var (name, value) in fields.Where(static field => Settings.ContainsKey(field.Name)))
        {
            var (parse, copy) = Settings[name];
            var parsed = parse?.Invoke(value) ?? ParseOne(name, value, source);
            copies.Add(target => copy(parsed, target));
        }

        return new RedisSettings([.. fields.Select(static field => field.Name)], copies, ReadTls(fields, copies, source));
    }

    /// <summary>Applies the settings to the options of one connection.</summary>
    public void Apply(ConfigurationOptions target)
    {
        foreach (var copy in _copies)
        {
            copy(target);
        }

        if (_tls is { } tls)
        {
            var (protocols, revocation) = (target.SslProtocols, target.CheckCertificateRevocation);
            target.SslClientAuthenticationOptions = host => tls.OptionsFor(host, protocols, revocation);
        }
    }

    /// <summary>Describes which settings are there, without their values.</summary>
    public override string ToString() => _names.Count == 0 ? "no settings" : string.Join(", ", _names);

    private static RedisTls? ReadTls(IReadOnlyList<(string Name, string Value)> fields, List<Action<ConfigurationOptions>> copies, string source)
    {
        if (!fields.Any(static field => TlsFiles.Contains(field.Name, StringComparer.OrdinalIgnoreCase)))
        {
            return null;
        }

        var probe = new ConfigurationOptions();
        copies.ForEach(copy => copy(probe));
        if (!probe.Ssl)
        {
            throw new RingKeeperException($"{source} names files for TLS, which mean nothing without {Ssl}=true. Add it, or leave {string.Join(", ", TlsFiles)} out.");
        }

        var tls = new RedisTls(Value(RedisTls.CaFile), Value(RedisTls.CertificateFile), Value(RedisTls.KeyFile), Value(CheckRevocation) is not null, source);
        tls.Check();
        return tls;

        string? Value(string name) => fields.LastOrDefault(field => string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase)).Value;
    }

    private static ConfigurationOptions ParseOne(string name, string value, string source)
    {
        try
        {
            return value.Contains(',', StringComparison.Ordinal) ? throw new FormatException() : ConfigurationOptions.Parse($"{name}={value}");
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new RingKeeperException($"{source}: the value of {name} cannot be read; correct it.");
        }
    }
}
