using System.Globalization;

namespace RingKeeper;

/// <summary>Names the znodes of a cluster; the layout is the Go package's (docs/znode-layout.md).</summary>
public static class ZKPaths
{
    /// <summary>The root of all clusters: <c>/goreclusters</c>.</summary>
    public const string Root = "/goreclusters";

    /// <summary>The data of the root.</summary>
    internal const string RootData = "goreclusters";

    /// <summary>The prefix of a checker's node below <c>localstatus</c>; the server appends ten digits.</summary>
    internal const string VotePrefix = "n_";

    /// <summary>Gives the path of a cluster; its data is the stamp of the last change.</summary>
    /// <param name="clusterName">The cluster's name.</param>
    /// <returns>The path.</returns>
    public static string Cluster(string clusterName) => $"{Root}/{clusterName}";

    /// <summary>Gives the path of a cluster's shards.</summary>
    /// <param name="clusterName">The cluster's name.</param>
    /// <returns>The path.</returns>
    public static string Shards(string clusterName) => $"{Root}/{clusterName}/shards";

    /// <summary>Gives the path of a cluster's options.</summary>
    /// <param name="clusterName">The cluster's name.</param>
    /// <returns>The path.</returns>
    public static string Options(string clusterName) => $"{Root}/{clusterName}/options";

    /// <summary>Gives the path of the agreed status of a cluster's shards.</summary>
    /// <param name="clusterName">The cluster's name.</param>
    /// <returns>The path.</returns>
    public static string Status(string clusterName) => $"{Root}/{clusterName}/status";

    /// <summary>Gives the path of what RingKeeper records of a cluster beside the Go package's znodes.</summary>
    /// <param name="clusterName">The cluster's name.</param>
    /// <returns>The path.</returns>
    public static string History(string clusterName) => $"{Root}/{clusterName}/history";

    /// <summary>Gives the path of the last decisions about a cluster's shards, with what they rest on.</summary>
    /// <param name="clusterName">The cluster's name.</param>
    /// <returns>The path.</returns>
    public static string Decisions(string clusterName) => $"{Root}/{clusterName}/decisions";

    /// <summary>Gives the path below which a cluster's checkers vote.</summary>
    /// <param name="clusterName">The cluster's name.</param>
    /// <returns>The path.</returns>
    public static string LocalStatus(string clusterName) => $"{Root}/{clusterName}/localstatus";

    internal static string Vote(string clusterName, string node) => $"{LocalStatus(clusterName)}/{node}";

    internal static bool IsVote(string clusterName, string path) =>
        path.StartsWith($"{LocalStatus(clusterName)}/", StringComparison.Ordinal) && TryGetVoteNumber(path[(LocalStatus(clusterName).Length + 1)..], out _);

    /// <summary>Reads the number of a checker's node; false for nodes that are none of a checker's.</summary>
    internal static bool TryGetVoteNumber(string node, out int number)
    {
        number = 0;
        return node.StartsWith(VotePrefix, StringComparison.Ordinal)
            && int.TryParse(node.AsSpan(VotePrefix.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }
}
