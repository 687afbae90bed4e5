namespace RingKeeper.IntegrationTests.Proof;

/// <summary>The time during which one contender took itself for the holder of a lock or a lead.</summary>
/// <param name="Who">The contender.</param>
/// <param name="Token">Its fencing token.</param>
/// <param name="From">When it was told that it holds, by the one clock of the run.</param>
/// <param name="Until">When it was told that it does not, or began to give it back.</param>
internal sealed record Holding(string Who, long Token, long From, long Until);

/// <summary>A write that was made only if its token was still good.</summary>
/// <param name="Token">The token.</param>
/// <param name="Mzxid">The zxid of the write; 0 where the answer was lost.</param>
/// <param name="Begun">When it was called.</param>
/// <param name="Ended">When it was answered.</param>
internal sealed record FencedWrite(long Token, long Mzxid, long Begun, long Ended);

/// <summary>Judges that no two hold a lock at once: by the clock, by the tokens, and by what they wrote.</summary>
internal static class HolderJudge
{
    public static IReadOnlyList<string> Judge(IEnumerable<Holding> holdings, IEnumerable<FencedWrite> writes)
    {
        var violations = new List<string>();
        Holding? last = null;
        foreach (var holding in holdings.OrderBy(static h => h.From))
        {
            if (last is not null && holding.From < last.Until)
            {
                violations.Add($"Two holders at once: {last} and {holding}.");
            }

            if (last is not null && holding.Token <= last.Token)
            {
                violations.Add($"A token did not rise: {last}, then {holding}.");
            }

            last = last is null || holding.Until > last.Until ? holding : last;
        }

        FencedWrite? newest = null;
        foreach (var write in writes.Where(static w => w.Mzxid != 0).OrderBy(static w => w.Mzxid))
        {
            if (newest is not null && write.Token < newest.Token)
            {
                violations.Add($"A write of an older token was done after one of a newer: {newest}, then {write}.");
            }

            newest = newest is null || write.Token > newest.Token ? write : newest;
        }

        return violations;
    }
}
