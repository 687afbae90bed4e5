namespace RingKeeper.IntegrationTests.Proof;

/// <summary>
/// Judges what a run was told, after the fact. It knows what was acknowledged, what may have been done, and every state that a server told; zxids and versions give all of it one order.
/// What it cannot know it lets pass: an operation of unknown outcome may have been done or not.
/// </summary>
internal sealed partial class RunJudge
{
    private readonly RunHistory _history;
    private readonly List<string> _violations = [];
    private readonly List<Operation> _staleSyncs = [];

    // By register: every state that was ever told, in the order of the zxids.
    private readonly Dictionary<string, SortedList<long, RegisterState>> _told = [];

    private RunJudge(RunHistory history) => _history = history;

    /// <summary>Gets what is wrong, most telling first; empty where nothing is.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>
    /// Gets the reads behind a sync that lacked a write acknowledged before the sync. A leader that is one no more and does not know it may answer a sync (ZOOKEEPER-1675), so it is for the run to say
    /// whether there was one.
    /// </summary>
    public IReadOnlyList<Operation> StaleSyncs => _staleSyncs;

    public static RunJudge Judge(RunHistory history)
    {
        var judge = new RunJudge(history);
        judge.Gather();
        judge.JudgeAnswers();
        judge.JudgeRegisters();
        judge.JudgeRealTime();
        foreach (var client in history.Operations.GroupBy(static o => o.Client))
        {
            judge.JudgeCallOrder(client);
            judge.JudgeSession([.. client]);
        }

        judge.JudgeSyncs();
        judge.JudgeNodes();
        judge.JudgeProtected();
        return judge;
    }

    /// <summary>How many changes of a register lie between two zxids: at least, and at most.</summary>
    public (int Least, int Most) ChangesBetween(string register, long after, long before)
    {
        if (!_told.TryGetValue(register, out var told))
        {
            return (0, int.MaxValue);
        }

        var (first, next) = (FirstAfter(told, after), FirstAfter(told, before - 1));
        var least = first < next ? told.Values[next - 1].Version - told.Values[first].Version + 1 : 0;
        var most = next < told.Count && first > 0 ? told.Values[next].Version - 1 - told.Values[first - 1].Version : int.MaxValue;
        return (least, most);
    }

    private void Gather()
    {
        foreach (var operation in _history.Operations)
        {
            if (operation.State is { } state)
            {
                Note(operation.Path, state);
            }
        }

        foreach (var (path, state) in _history.Registers)
        {
            Note(path, state);
        }
    }

    private void Note(string path, RegisterState state)
    {
        if (!_told.TryGetValue(path, out var told))
        {
            _told.Add(path, told = []);
        }

        if (!told.TryAdd(state.Mzxid, state) && told[state.Mzxid] != state)
        {
            _violations.Add($"{path} was told in two ways for one zxid: {told[state.Mzxid]} and {state}.");
        }
    }

    private void JudgeAnswers()
    {
        foreach (var operation in _history.Operations.Where(static o => o.Ending == Ending.Unanswered))
        {
            _violations.Add($"Never answered: {operation}.");
        }
    }

    // A register is never deleted: each change has the next version, so two writes with one version, or a version that goes back, tell of a write that was lost.
    private void JudgeRegisters()
    {
        var writes = _history.Operations.Where(static o => o.Kind == OperationKind.Set).ToLookup(static o => o.Path);
        foreach (var (path, told) in _told)
        {
            RegisterState? last = null;
            foreach (var state in told.Values)
            {
                if (last is { } before && (state.Version <= before.Version || state.Czxid != before.Czxid))
                {
                    _violations.Add($"A write of {path} was lost: after {before} there was {state}.");
                }

                last = state;
            }

            if (_history.Registers.TryGetValue(path, out var final) && told.Values[^1] != final)
            {
                _violations.Add($"A write of {path} was lost: {told.Values[^1]} was told, and at the end there is {final}.");
            }

            JudgeValues(path, told, writes[path].ToDictionary(static w => w.Value));
        }
    }

    private void JudgeValues(string path, SortedList<long, RegisterState> told, Dictionary<string, Operation> writes)
    {
        foreach (var state in told.Values.Where(static s => s.Version > 0))
        {
            if (!writes.TryGetValue(state.Value, out var write))
            {
                _violations.Add($"{path} held what nobody wrote: {state}.");
            }
            else if (!write.MayBeApplied)
            {
                _violations.Add($"{path} held what was reported as {write.Ending}: {state}, {write}.");
            }
        }

        foreach (var twice in told.Values.GroupBy(static s => s.Value).Where(static g => g.Count() > 1))
        {
            _violations.Add($"{path} was written twice by one write: {string.Join(" and ", twice)}.");
        }

        // Versions in between are those of writes that nobody saw: no more than there are of unknown outcome.
        var last = told.Count == 0 ? 0 : told.Values[^1].Version;
        var seen = told.Values.Count(static s => s.Version > 0);
        var unseen = writes.Values.Count(w => w.Ending is Ending.Unknown or Ending.Unanswered) - told.Values.Count(s => writes.GetValueOrDefault(s.Value)?.Ending is Ending.Unknown or Ending.Unanswered);
        if (last - seen > Math.Max(unseen, 0))
        {
            _violations.Add($"{path} was changed {last} times; {seen} of the writes are known and only {Math.Max(unseen, 0)} more can have been done.");
        }
    }

    // A write that is called after another was acknowledged has the higher zxid, whatever clients and registers they are of.
    private void JudgeRealTime()
    {
        var writes = _history.Operations.Where(static o => o is { Kind: OperationKind.Set, Ending: Ending.Acknowledged }).ToList();
        var ended = writes.OrderBy(static w => w.Ended).ToList();
        var (next, newest) = (0, (Operation?)null);
        foreach (var write in writes.OrderBy(static w => w.Begun))
        {
            for (; next < ended.Count && ended[next].Ended < write.Begun; next++)
            {
                newest = newest is null || ended[next].State!.Value.Mzxid > newest.State!.Value.Mzxid ? ended[next] : newest;
            }

            if (newest is not null && newest.State!.Value.Mzxid > write.State!.Value.Mzxid)
            {
                _violations.Add($"Writes out of order: {newest} was acknowledged before {write} was called.");
            }
        }
    }

    // Writes of one caller that does not wait are executed in the order of the calls.
    private void JudgeCallOrder(IEnumerable<Operation> operations)
    {
        Operation? last = null;
        foreach (var write in operations.Where(static o => o is { Kind: OperationKind.Set, Ending: Ending.Acknowledged }).OrderBy(static o => o.Call))
        {
            if (last is not null && write.State!.Value.Mzxid < last.State!.Value.Mzxid)
            {
                _violations.Add($"Calls out of order: {write} before {last}.");
            }

            last = write;
        }
    }

    // What one client was told once, it never finds undone: a read shows at least what there was at the newest zxid that it had seen, of any register.
    private void JudgeSession(IReadOnlyList<Operation> operations)
    {
        var ended = operations.Where(static o => o.State is not null).OrderBy(static o => o.Ended).ToList();
        var (next, seen) = (0, 0L);
        foreach (var read in operations.Where(static o => o.IsRead && o.State is not null).OrderBy(static o => o.Begun))
        {
            for (; next < ended.Count && ended[next].Ended < read.Begun; next++)
            {
                seen = Math.Max(seen, ended[next].State!.Value.Mzxid);
            }

            var told = _told[read.Path];
            var known = FirstAfter(told, seen);
            if (known > 0 && told.Keys[known - 1] > read.State!.Value.Mzxid)
            {
                _violations.Add($"A read went back: the client had seen zxid {seen}, when {read.Path} was {told.Values[known - 1]}, and then read {read}.");
            }
        }
    }

    private void JudgeSyncs()
    {
        foreach (var register in _history.Operations.Where(static o => o.State is not null && o.Kind is OperationKind.Set or OperationKind.SyncedRead).GroupBy(static o => o.Path))
        {
            var ended = register.Where(static o => o is { Kind: OperationKind.Set, Ending: Ending.Acknowledged }).OrderBy(static o => o.Ended).ToList();
            var (next, newest) = (0, 0L);
            foreach (var read in register.Where(static o => o.Kind == OperationKind.SyncedRead).OrderBy(static o => o.Begun))
            {
                for (; next < ended.Count && ended[next].Ended < read.Begun; next++)
                {
                    newest = Math.Max(newest, ended[next].State!.Value.Mzxid);
                }

                if (read.State!.Value.Mzxid < newest)
                {
                    _staleSyncs.Add(read);
                }
            }
        }
    }

    // The place of the first state with a greater zxid.
    private static int FirstAfter(SortedList<long, RegisterState> told, long zxid)
    {
        var (low, high) = (0, told.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = told.Keys[middle] > zxid ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
