using CsCheck;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded.Tree;
using Xunit;

namespace RingKeeper.Tests.Embedded;

/// <summary>The tree against a plain dictionary from path to version and create count, over random single writes and multis.</summary>
public sealed class DataTreeModelTests
{
    private static readonly string[] Paths = ["/a", "/b", "/a/x", "/a/y", "/b/x", "/a/x/z", "/a/x/w"];

    private static readonly Gen<string> Path = Gen.Int[0, Paths.Length - 1].Select(i => Paths[i]);

    private static readonly Gen<TreeOperation> Operation = Gen.OneOf<TreeOperation>(
        Gen.Select(Path, Gen.Bool.Select(sequential => sequential ? 2 : 0), (path, flags) => (TreeOperation)TreeFixture.NewNode(path, flags)),
        Gen.Select(Path, Gen.Int[-1, 2], (path, version) => (TreeOperation)new DeleteOperation(path, version)),
        Gen.Select(Path, Gen.Int[-1, 2], (path, version) => (TreeOperation)new SetDataOperation(path, [1], version)),
        Gen.Select(Path, Gen.Int[-1, 2], (path, version) => (TreeOperation)new CheckOperation(path, version)));

    [Fact]
    public void Any_sequence_of_multis_leaves_the_tree_as_the_model_says() => Operation.Array[1, 4].Array[1, 30].Sample(multis =>
    {
        var tree = new TreeFixture();
        var model = new Dictionary<string, (int Version, int Creates)> { ["/"] = (0, 0) };
        foreach (var multi in multis)
        {
            var attempt = new Dictionary<string, (int Version, int Creates)>(model);
            var expected = multi.Select(operation => Run(attempt, operation)).TakeUntilError().ToArray();
            var results = tree.Multi(multi);
            Assert.Equal(expected, results.Take(expected.Length).Select(result => result.Error));
            model = expected[^1] == ZooKeeperErrorCode.Ok ? attempt : model;
            Assert.Equal(Describe(model), Describe(tree.Tree, model.Keys));
            Assert.Equal(model.Count + 3, tree.Tree.Count);
        }
    });

    private static IEnumerable<string> Describe(Dictionary<string, (int Version, int Creates)> model) =>
        model.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} v{pair.Value.Version} c{pair.Value.Creates} n{ChildCount(model, pair.Key)}");

    private static IEnumerable<string> Describe(DataTree tree, IEnumerable<string> paths) =>
        from path in paths.Order(StringComparer.Ordinal)
        let node = tree.Find(path)
        let children = node.Children.Count - (path == "/" ? 1 : 0)
        select $"{path} v{node.Version} c{node.Creates} n{children}";

    private static ZooKeeperErrorCode Run(Dictionary<string, (int Version, int Creates)> model, TreeOperation operation)
    {
        switch (operation)
        {
            case CreateOperation create:
                var parent = ParentOf(create.Path);
                if (!model.TryGetValue(parent, out var state))
                {
                    return ZooKeeperErrorCode.NoNode;
                }

                if (!model.TryAdd(create.Flags == 2 ? create.Path + state.Creates.ToString("D10") : create.Path, (0, 0)))
                {
                    return ZooKeeperErrorCode.NodeExists;
                }

                model[parent] = (state.Version, state.Creates + 1);
                return ZooKeeperErrorCode.Ok;
            case DeleteOperation delete:
                var error = Match(model, delete.Path, delete.Version);
                if (error == ZooKeeperErrorCode.Ok && ChildCount(model, delete.Path) > 0)
                {
                    return ZooKeeperErrorCode.NotEmpty;
                }

                return error == ZooKeeperErrorCode.Ok && model.Remove(delete.Path) ? ZooKeeperErrorCode.Ok : error;
            case SetDataOperation set:
                var found = Match(model, set.Path, set.Version);
                if (found == ZooKeeperErrorCode.Ok)
                {
                    model[set.Path] = (model[set.Path].Version + 1, model[set.Path].Creates);
                }

                return found;
            default:
                return Match(model, operation.Path, ((CheckOperation)operation).Version);
        }
    }

    private static ZooKeeperErrorCode Match(Dictionary<string, (int Version, int Creates)> model, string path, int version) =>
        !model.TryGetValue(path, out var state) ? ZooKeeperErrorCode.NoNode
        : version == -1 || version == state.Version ? ZooKeeperErrorCode.Ok
        : ZooKeeperErrorCode.BadVersion;

    private static int ChildCount(Dictionary<string, (int Version, int Creates)> model, string path) =>
        model.Keys.Count(key => key != "/" && ParentOf(key) == path);

    private static string ParentOf(string path) => path.LastIndexOf('/') is var slash and > 0 ? path[..slash] : "/";
}

file static class ErrorVectors
{
    public static IEnumerable<ZooKeeperErrorCode> TakeUntilError(this IEnumerable<ZooKeeperErrorCode> codes)
    {
        foreach (var code in codes)
        {
            yield return code;
            if (code != ZooKeeperErrorCode.Ok)
            {
                yield break;
            }
        }
    }
}
