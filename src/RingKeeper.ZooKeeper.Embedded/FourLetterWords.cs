using System.Buffers;
using System.Globalization;
using System.Text;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>The plain-text commands that monitoring sends in place of a first frame.</summary>
internal static class FourLetterWords
{
    private static readonly HashSet<string> Known =
        ["conf", "cons", "crst", "dirs", "dump", "envi", "gtmk", "hash", "isro", "mntr", "ruok", "srst", "srvr", "stat", "stmk", "wchc", "wchp", "wchs"];

    /// <summary>Recognises a word; a frame never starts like one, for its length would be beyond any limit.</summary>
    public static bool TryTake(ReadOnlySequence<byte> buffer, out string word)
    {
        word = buffer.Length < 4 ? "" : Encoding.ASCII.GetString(buffer.Slice(0, 4));
        return Known.Contains(word);
    }

    public static string Answer(string word, ServerStatistics statistics) => word switch
    {
        "ruok" => "imok",
        "isro" => statistics.IsReadOnly ? "ro" : "rw",
        "srvr" => Describe(statistics),
        "mntr" => Monitor(statistics),
        _ => $"{word} is not executed because it is not in the whitelist.",
    };

    private static string Describe(ServerStatistics statistics) => string.Create(
        CultureInfo.InvariantCulture,
        $"Zookeeper version: {statistics.Version}-embedded\nReceived: {statistics.Received}\nConnections: {statistics.Connections}\nZxid: 0x{statistics.Zxid:x}\nMode: {(statistics.IsReadOnly ? "read-only" : "standalone")}\nNode count: {statistics.Nodes}\n");

    private static string Monitor(ServerStatistics statistics) => string.Create(
        CultureInfo.InvariantCulture,
        $"zk_version\t{statistics.Version}-embedded\nzk_server_state\t{(statistics.IsReadOnly ? "read-only" : "standalone")}\nzk_packets_received\t{statistics.Received}\nzk_num_alive_connections\t{statistics.Connections}\nzk_znode_count\t{statistics.Nodes}\nzk_watch_count\t{statistics.Watches}\nzk_ephemerals_count\t{statistics.Ephemerals}\nzk_global_sessions\t{statistics.Sessions}\n");
}

/// <summary>What the four-letter words tell.</summary>
internal readonly record struct ServerStatistics(string Version, bool IsReadOnly, long Received, int Connections, long Zxid, int Nodes, int Watches, int Ephemerals, int Sessions);
