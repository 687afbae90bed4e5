using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace RingKeeper.Cli.Configuration;

/// <summary>Reads a configuration file's bytes. Every message names file and field; no value that may be a secret is quoted.</summary>
internal static class ConfigurationReader
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <exception cref="CliUsageException">The file holds something wrong.</exception>
    public static CliConfiguration Read(string file, byte[] json)
    {
        using var document = Parse(file, json);
        var root = new JsonSection(file, "", document.RootElement);
        var zooKeeper = root.Section("zookeeper");
        var checker = root.Section("checker");
        var log = root.Section("log");
        var configuration = new CliConfiguration
        {
            ZooKeeperServers = ReadServers(zooKeeper),
            ZooKeeperDigest = ReadDigest(zooKeeper),
            ZooKeeperTls = ZooKeeperSecurityReader.ReadTls(zooKeeper),
            ZooKeeperSasl = ZooKeeperSecurityReader.ReadSasl(zooKeeper),
            SessionTimeout = zooKeeper?.Duration("sessionTimeout"),
            Redis = ReadRedis(file, root),
            Cluster = checker?.Text("cluster", static text => Arguments.FlawOfName(text)),
            CheckerId = checker?.Text("id", CheckerIdentity.FlawOf),
            Interval = checker?.Duration("interval"),
            Threshold = checker?.Duration("threshold"),
            WorkerCount = checker?.Count("workers"),
            Http = checker?.Text("http") is { } http
                ? HttpAddress.TryParse(http, out var address) ? address : throw checker.Wrong("http", HttpAddress.FlawOf(http))
                : null,
            LogLevel = log?.OneOf("level", LogSettings.Levels),
            LogFormat = log?.OneOf("format", LogSettings.Formats),
        };
        zooKeeper?.Close();
        checker?.Close();
        log?.Close();
        root.Close();
        return configuration;
    }

    private static JsonDocument Parse(string file, byte[] json)
    {
        try
        {
            // A mark of the byte order is no part of the text.
            return JsonDocument.Parse(json.AsMemory(json is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0), Lenient);
        }
        catch (JsonException e)
        {
            // The parser's own message may quote what stands there.
            throw new CliUsageException($"{file}: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: this is not JSON.");
        }
    }

    private static string? ReadServers(JsonSection? zooKeeper)
    {
        if (zooKeeper?.TextOrList("servers") is not { } servers)
        {
            return null;
        }

        return ZooKeeperServers.FlawOf(servers) is { } flaw ? throw zooKeeper.Wrong("servers", flaw) : servers;
    }

    private static string? ReadDigest(JsonSection? zooKeeper)
    {
        if (zooKeeper is null)
        {
            return null;
        }

        var (digest, user, password) = (zooKeeper.Text("digest"), zooKeeper.Text("user"), zooKeeper.Text("password"));
        if (digest is not null)
        {
            return user is null && password is null
                ? ZooKeeperServers.IsDigest(digest) ? digest : throw zooKeeper.Wrong("digest", "write user:password")
                : throw zooKeeper.Wrong("digest", "give either this or user and password");
        }

        return (user, password) switch
        {
            (null, null) => null,
            ({ Length: > 0 }, { Length: > 0 }) when !user.Contains(':', StringComparison.Ordinal) => $"{user}:{password}",
            (null or "", _) => throw zooKeeper.Wrong("user", "give the user that the password belongs to"),
            (_, null or "") => throw zooKeeper.Wrong("password", "give the password of the user"),
            _ => throw zooKeeper.Wrong("user", "it cannot hold a colon"),
        };
    }

    private static RedisSettings? ReadRedis(string file, JsonSection root)
    {
        try
        {
            if (root.TextIfText("redis") is { } text)
            {
                return RedisSettings.Parse(text, $"{file}: redis");
            }

            if (root.Section("redis") is not { } redis)
            {
                return null;
            }

            List<(string, string)> fields = [];
            foreach (var name in RedisSettings.Names)
            {
                if (redis.Scalar(name) is { } value)
                {
                    fields.Add((name, value));
                }
            }

            redis.Close();
            return RedisSettings.FromFields(fields, $"{file}: redis");
        }
        catch (RingKeeperException e)
        {
            throw new CliUsageException(e.Message);
        }
    }
}
