using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace RingKeeper;

/// <summary>
/// Turns a snapshot into the bytes of its file and back: one line with name, format, checksum and length, then JSON with the parts
/// encoded as their znodes are, so that unknown fields survive. Pure.
/// </summary>
internal static class ViewSnapshotCodec
{
    /// <summary>The newest format that this version reads, and the one it writes.</summary>
    public const int KnownFormat = 1;

    private const string Magic = "RingKeeper-snapshot";

    public static byte[] Encode(ViewSnapshot snapshot)
    {
        var cluster = snapshot.Cluster;
        var body = new GoJsonWriter().Raw("{")
            .Name("Name").String(cluster.Name)
            .Raw(",").Name("Czxid").Number(cluster.Revision.Czxid)
            .Raw(",").Name("Mzxid").Number(cluster.Revision.Mzxid)
            .Raw(",").Name("Version").Number(cluster.Revision.Version)
            .Raw(",").Name("Stamp").Number(cluster.Version)
            .Raw(",").Name("StatusMzxid").Number(snapshot.StatusVersion)
            .Raw(",").Name("ConfirmedAt").Number((snapshot.ConfirmedAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond)
            .Raw(",").Name("Options").Raw(Encoding.UTF8.GetString(ZNodeCodec.EncodeOptions(cluster.Options)))
            .Raw(",").Name("Shards").Raw(Encoding.UTF8.GetString(ZNodeCodec.EncodeShards(cluster.Shards)))
            .Raw(",").Name("Status").Raw(Encoding.UTF8.GetString(ZNodeCodec.EncodeStatuses(snapshot.Statuses)))
            .Raw("}").ToArray();
        return [.. Encoding.ASCII.GetBytes(Header(KnownFormat, body)), .. body];
    }

    /// <summary>Reads a snapshot.</summary>
    /// <exception cref="RingKeeperException">The bytes are not a snapshot that this version reads; the message is the reason alone.</exception>
    public static ViewSnapshot Decode(ReadOnlySpan<byte> data)
    {
        var end = data[..Math.Min(data.Length, 128)].IndexOf((byte)'\n');
        var fields = end < 0 ? [] : Encoding.ASCII.GetString(data[..end]).Split(' ');
        if (fields.Length < 2 || fields[0] != Magic || !int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var format))
        {
            throw new RingKeeperException(data.IsEmpty ? "it is empty" : "it does not begin as a snapshot does");
        }

        if (format != KnownFormat)
        {
            throw new RingKeeperException($"it has format {format}, and this version reads format {KnownFormat}");
        }

        var body = data[(end + 1)..];
        if (Encoding.ASCII.GetString(data[..(end + 1)]) != Header(format, body))
        {
            throw new RingKeeperException("it is cut short or damaged: length or checksum do not match");
        }

        try
        {
            return Read(body);
        }
        catch (JsonException exception)
        {
            throw new RingKeeperException($"its content cannot be read: {exception.Message}", exception);
        }
    }

    private static string Header(int format, ReadOnlySpan<byte> body) =>
        string.Create(CultureInfo.InvariantCulture, $"{Magic} {format} {XxHash3.HashToUInt64(body):x16} {body.Length}\n");

    private static ViewSnapshot Read(ReadOnlySpan<byte> body)
    {
        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        var parts = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var name = "";
        var json = new GoJsonReader(body);
        if (json.BeginObject())
        {
            while (json.NextField(out var field))
            {
                switch (field)
                {
                    case "Name": name = json.ReadString(field, ""); break;
                    case "Options" or "Shards" or "Status": parts[field] = Encoding.UTF8.GetBytes(json.SkipRaw(body)); break;
                    default: numbers[field] = json.ReadInt64(field, 0); break;
                }
            }
        }

        json.End();
        var options = ZNodeCodec.DecodeOptions("Options", Part("Options"));
        var shards = ZNodeCodec.DecodeShards("Shards", Part("Shards"));
        var statuses = ZNodeCodec.DecodeStatuses("Status", Part("Status")) ?? throw new JsonException("Status is null.");
        var revision = new ZKClusterRevision(Number("Czxid"), Number("Mzxid"), (int)Number("Version"));
        return new ViewSnapshot(
            new ZKClusterInfo(name, Number("Stamp"), options, shards) { Revision = revision },
            Number("StatusMzxid"),
            statuses,
            DateTimeOffset.UnixEpoch.AddTicks(Math.Clamp(Number("ConfirmedAt"), 0, (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) * TimeSpan.TicksPerMicrosecond));

        long Number(string field) => numbers.TryGetValue(field, out var number) ? number : throw new JsonException($"{field} is missing.");

        byte[] Part(string field) => parts.TryGetValue(field, out var part) ? part : throw new JsonException($"{field} is missing.");
    }
}
