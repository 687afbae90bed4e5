using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Proof;

/// <content>Znodes that come and go.</content>
internal sealed partial class RunJudge
{
    // Names are used once, so what is there at the end tells all.
    private void JudgeNodes()
    {
        foreach (var node in _history.Operations.Where(static o => o.Kind is OperationKind.Create or OperationKind.CreateEphemeral or OperationKind.Delete).GroupBy(static o => o.Path))
        {
            var create = node.Single(static o => o.Kind != OperationKind.Delete);
            var deletes = node.Where(static o => o.Kind == OperationKind.Delete).ToList();
            var isThere = _history.Nodes.TryGetValue(node.Key, out var value);
            var isGone = create.Kind == OperationKind.CreateEphemeral && create.Epoch != _history.Epochs.GetValueOrDefault(create.Client);
            if (create is { Ending: Ending.Refused, Code: ZooKeeperErrorCode.NodeExists })
            {
                _violations.Add($"Created twice by one call: {create}.");
            }

            if (create.Ending == Ending.Acknowledged && !isThere && !isGone && !deletes.Exists(static d => d.MayBeApplied))
            {
                _violations.Add($"A created znode was lost: {create}.");
            }

            if (create is { Ending: Ending.Acknowledged, Kind: OperationKind.Create } && deletes is [{ Ending: Ending.Refused } refused])
            {
                _violations.Add($"A created znode was not found to be deleted: {create}, {refused}.");
            }

            if (isThere && (!create.MayBeApplied || value != create.Value))
            {
                _violations.Add($"{node.Key} is there with {value}, though: {create}.");
            }

            if (isThere && deletes.Find(static d => d.Ending == Ending.Acknowledged) is { } deleted)
            {
                _violations.Add($"A deleted znode is there: {deleted}.");
            }

            if (isThere && isGone && create.Epoch != 0)
            {
                _violations.Add($"The znode of a session that is gone is there: {create}; the client has session {_history.Epochs.GetValueOrDefault(create.Client)} of its own.");
            }
        }
    }

    // What is created in this way is there once or not at all, and the caller knows which.
    private void JudgeProtected()
    {
        var values = _history.Nodes.ToLookup(static n => n.Value, static n => n.Key);
        foreach (var create in _history.Operations.Where(static o => o.Kind == OperationKind.CreateProtected))
        {
            var there = values[create.Value].ToList();
            var isGone = create.Epoch != _history.Epochs.GetValueOrDefault(create.Client);
            var least = create.Ending == Ending.Acknowledged && !isGone ? 1 : 0;
            var most = create.MayBeApplied && (!isGone || create.Epoch == 0) ? 1 : 0;
            if (there.Count < least || there.Count > most || create.Ending == Ending.Unknown)
            {
                _violations.Add($"Of a protected creation there are {there.Count} ({string.Join(", ", there)}): {create}.");
            }
        }
    }
}
