namespace RingKeeper.Cli.Documents;

/// <summary>Reads the settings of one pool. Pure.</summary>
internal sealed class TwemproxyPoolReader
{
    private readonly YamlFile _file;
    private readonly YamlField _pool;
    private readonly YamlMapping _settings;
    private readonly List<TwemproxyNote> _notes = [];

    public TwemproxyPoolReader(YamlFile file, YamlField pool, YamlMapping settings)
    {
        (_file, _pool, _settings) = (file, pool, settings);
        foreach (var field in settings.Fields)
        {
            CheckSetting(field);
        }
    }

    /// <summary>Gets the notes so far, in the order of their lines.</summary>
    public IReadOnlyList<TwemproxyNote> Notes => [.. _notes.OrderBy(static note => note.Line)];

    public ZKClusterOptions ReadOptions()
    {
        RequireRedis();
        RequireKetama();
        return new ZKClusterOptions
        {
            FailoverEnabled = ReadFailover(),
            RingType = RingTypes.Ketama,
            RingParams = $"{KetamaRingBuilder.StandardPoints}",
            HashTag = ReadHashTag(),
            KeyHash = ReadHash(),
        };
    }

    public IReadOnlyList<Shard> ReadShards()
    {
        var servers = _file.Sequence(_settings.Find("servers") ?? throw _file.Flaw(_pool.Line, $"pool '{_pool.Name}' has no servers."));
        var shards = new List<Shard>();
        foreach (var item in servers.Items)
        {
            var shard = TwemproxyServer.Read(_file, item);
            if (shards.Any(other => other.Name == shard.Name))
            {
                throw _file.Flaw(item.Line, $"server '{shard.Name}' is given twice; nutcracker refuses this too. Give each server its own name.");
            }

            if (shards.Any(other => other.Addr == shard.Addr))
            {
                throw _file.Flaw(item.Line, $"the address {shard.Addr} is given twice; a cluster has each server once. Leaving one out moves its keys.");
            }

            shards.Add(shard);
        }

        var ordered = shards.Order(TwemproxyServer.Order).ToList();
        if (!ordered.SequenceEqual(shards))
        {
            Note("servers", "the shards stand in the order into which nutcracker brings them, shorter names first: where points of the ring coincide, the first owns the keys");
        }

        return ordered;
    }

    private void CheckSetting(YamlField field)
    {
        var setting = TwemproxySetting.All.FirstOrDefault(known => known.Name == field.Name)
            ?? throw _file.Flaw(field.Line, $"{field.Name} is not a setting of nutcracker. Correct the name, or leave the line out.");
        if (setting.Value != TwemproxyValue.List)
        {
            var text = _file.Scalar(field).Text;
            if (setting.Value == TwemproxyValue.Bool && text is not ("true" or "false"))
            {
                throw _file.Flaw(field.Line, $"{field.Name} must be true or false.");
            }

            if (setting.Value == TwemproxyValue.Number && !int.TryParse(text, System.Globalization.NumberStyles.None, null, out _))
            {
                throw _file.Flaw(field.Line, $"{field.Name} must be a whole number.");
            }
        }

        if (setting.Instead is { } instead)
        {
            Note(field.Name, $"not carried over: {instead}");
        }
    }

    private void RequireRedis()
    {
        if (TextOf("redis") != "true")
        {
            throw _file.Flaw(LineOf("redis"), $"pool '{_pool.Name}' is one of memcached servers, since 'redis: true' is not set; the shards of a cluster are Redis servers. Import a pool of Redis servers.");
        }
    }

    private void RequireKetama()
    {
        var reason = TextOf("distribution") switch
        {
            null or "ketama" => null,
            "modula" => "distribution 'modula' takes a key's hash modulo the sum of the weights, which no ring here does, since one server more moves nearly every key. "
                + "Change the pool to ketama first and let its caches fill, then import it; or create a new cluster with 'ringkeeper cluster create'.",
            "random" => "distribution 'random' sends a key to any server, so no key has an owner that a cluster could keep. Create a new cluster with 'ringkeeper cluster create'.",
            var other => $"distribution '{other}' is none of nutcracker's: ketama, modula, random.",
        };
        if (reason is not null)
        {
            throw _file.Flaw(LineOf("distribution"), reason);
        }
    }

    private bool ReadFailover()
    {
        var ejects = TextOf("auto_eject_hosts") == "true";
        Note("auto_eject_hosts", ejects
            ? "failover is on: once a majority of checkers agrees that a shard is dead, its keys go to the next shards on the ring. Each proxy ejected for itself and built a new ring of the others, so the heirs of a key differ (docs/rings.md)"
            : "failover is off, as in the pool: the keys of a dead shard are not served");
        return ejects;
    }

    private string? ReadHashTag()
    {
        var tag = TextOf("hash_tag");
        return tag is null or [> ' ' and < '\x7f', > ' ' and < '\x7f']
            ? tag
            : throw _file.Flaw(LineOf("hash_tag"), $"hash_tag must be two printable characters of ASCII, such as \"{{}}\", in quotes. Where nutcracker used others, no ring here places keys alike.");
    }

    private string ReadHash()
    {
        var hash = TextOf("hash") ?? KeyHashes.Standard;
        return KeyHashes.Names.Contains(hash)
            ? hash
            : throw _file.Flaw(LineOf("hash"), $"hash '{hash}' is none of nutcracker's: {string.Join(", ", KeyHashes.Names)}.");
    }

    private void Note(string setting, string text) => _notes.Add(new TwemproxyNote(setting, LineOf(setting), text));

    private int LineOf(string setting) => _settings.Find(setting)?.Line ?? _pool.Line;

    private string? TextOf(string setting) => _settings.Find(setting)?.Value is YamlScalar scalar ? scalar.Text : null;
}
