using System.Globalization;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>The members of an ensemble as <c>/zookeeper/config</c> lists them. None: a server that stands alone.</summary>
internal sealed class EnsembleConfig
{
    public static EnsembleConfig Alone { get; } = new([], 0);

    private readonly SortedDictionary<long, string> _members;

    private EnsembleConfig(SortedDictionary<long, string> members, long version) => (_members, Version) = (members, version);

    /// <summary>The zxid of the reconfiguration that made it.</summary>
    public long Version { get; }

    public bool IsAlone => _members.Count == 0;

    private int Voters => _members.Values.Count(member => !member.Contains(":observer;", StringComparison.Ordinal));

    /// <summary>Reads members such as <c>server.1=10.0.0.1:2888:3888:participant;0.0.0.0:2181</c>.</summary>
    /// <exception cref="FormatException">One is no such text, or a number stands twice.</exception>
    public static EnsembleConfig Parse(IEnumerable<string> members, long version)
    {
        var parsed = new SortedDictionary<long, string>();
        foreach (var member in members)
        {
            var (id, description) = ParseMember(member);
            if (!parsed.TryAdd(id, description))
            {
                throw new FormatException($"The member server.{id} is given twice.");
            }
        }

        return new EnsembleConfig(parsed, version);
    }

    /// <summary>Makes the configuration that a reconfig asks for: the new members, or those who leave and those who join.</summary>
    /// <exception cref="FormatException">A member or a number cannot be read, or fewer than two voters would be left.</exception>
    public EnsembleConfig Change(string? joining, string? leaving, string? newMembers, long version)
    {
        var changed = newMembers is null
            ? new EnsembleConfig(new SortedDictionary<long, string>(_members), version)
            : Parse(Split(newMembers).Where(line => !line.StartsWith("version=", StringComparison.Ordinal)), version);
        if (newMembers is null)
        {
            foreach (var id in Split(leaving))
            {
                changed._members.Remove(ParseId(id));
            }

            foreach (var member in Split(joining))
            {
                var (id, description) = ParseMember(member);
                changed._members[id] = description;
            }
        }

        return changed.Voters >= 2 ? changed : throw new FormatException("An ensemble keeps at least two voters.");
    }

    /// <summary>The content of <c>/zookeeper/config</c>.</summary>
    public override string ToString() => IsAlone
        ? ""
        : string.Concat(_members.Select(member => $"server.{member.Key}={member.Value}\n")) + string.Create(CultureInfo.InvariantCulture, $"version={Version:x}");

    private static string[] Split(string? list) => (list ?? "").Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static (long Id, string Description) ParseMember(string member)
    {
        if (member.Split('=', 2, StringSplitOptions.TrimEntries) is not [var key, var value] || !key.StartsWith("server.", StringComparison.Ordinal)
            || value.Split(';', StringSplitOptions.TrimEntries) is not [var addresses, { Length: > 0 } client])
        {
            throw Unreadable(member);
        }

        var parts = addresses.Split(':');
        if (parts.Length < 3 || !IsPort(parts[1]) || !IsPort(parts[2]) || (parts.Length > 3 && parts[3] is not ("participant" or "observer")))
        {
            throw Unreadable(member);
        }

        // As Apache ZooKeeper writes it: with the role, and with the address of the clients' port.
        var role = parts.Length > 3 ? parts[3] : "participant";
        client = client.Contains(':', StringComparison.Ordinal) ? client : $"0.0.0.0:{client}";
        return (ParseId(key["server.".Length..]), $"{parts[0]}:{parts[1]}:{parts[2]}:{role};{client}");
    }

    private static bool IsPort(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static long ParseId(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        ? id
        : throw new FormatException($"'{text}' is not the number of a member.");

    private static FormatException Unreadable(string member) =>
        new($"'{member}' is not a member of an ensemble: write server.N=host:port:port[:participant|:observer];[address:]clientPort.");
}
