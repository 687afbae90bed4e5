using System.Buffers.Binary;
using System.Globalization;
using RingKeeper.Simulator.Rivals;

namespace RingKeeper.Simulator.Caches;

/// <summary>
/// Judges what clients read, knowing all: what each shard executed and when, what was published by then, and what each client knew of it. It says what must
/// not be read, and is no second copy of the rules that keep it from being read; of these it borrows nothing but the epoch that a check for a miss is about.
/// </summary>
internal sealed class CacheOracle(CacheWorld world, LawBook laws, Agenda agenda)
{
    private readonly KeyRegister[] _registers = [.. Enumerable.Range(0, CacheWorld.KeyCount).Select(static _ => new KeyRegister())];
    private long _order;

    public PublishedViews Views { get; } = new(world.AllowedLateness);

    public CacheTally Tally { get; } = new();

    /// <summary>What a stored value tells of itself: the number of the write.</summary>
    public static long NumberOf(ReadOnlySpan<byte> stored) => stored.Length < 8 ? 0 : BinaryPrimitives.ReadInt64BigEndian(stored[^8..]);

    /// <summary>A shard executes a read.</summary>
    public void NoteRead()
    {
        if (CacheOperation.Current is { } operation)
        {
            operation.ExecutedAt = ++_order;
        }
    }

    /// <summary>A shard executes a removal.</summary>
    public void NoteRemoval(string addr) => Note(addr, 0);

    /// <summary>A shard executes a write that was not refused.</summary>
    public void NoteWrite(string addr, byte[] before, byte[] stored)
    {
        var operation = CacheOperation.Current!;
        Note(addr, NumberOf(stored));
        if (!CopyHeader.TryRead(stored, out var header))
        {
            return;
        }

        var hadCopy = CopyHeader.TryRead(before, out var old);
        laws.Judge(Law.LaterEpochStays, !hadCopy || old.Epoch <= header.Epoch, () => Text($"{operation} of {header} took the place of {old} on {addr}"));
        if (operation.Kind != CacheOperationKind.CheckAndSet)
        {
            return;
        }

        operation.Replaced = hadCopy && old.Kind == CopyKind.Value ? NumberOf(before) : 0;
        if (operation.Replaces != 0)
        {
            laws.Judge(Law.SwapMeetsItsCopy, operation.Replaced == operation.Replaces, () => Text($"{operation} was to replace {operation.Replaces} and replaced {operation.Replaced} on {addr}"));
        }
        else
        {
            var misses = operation.Replaced == 0 || old.Epoch < operation.View!.ExactValidSince(CacheWorld.Keys[operation.Key], RoutePolicy.Failover);
            laws.Judge(Law.SwapOfNoneMeetsAMiss, misses, () => Text($"{operation} was to find nothing and replaced {operation.Replaced} on {addr}"));
        }
    }

    /// <summary>A shard executes a write in the format of the Go package that was not refused; there is no epoch in it, and its check-and-set names a serial, not a copy.</summary>
    public void NoteGoreLibWrite(string addr, byte[] before, byte[] written)
    {
        var operation = CacheOperation.Current!;
        Note(addr, NumberOf(written));
        operation.Replaced = NumberOf(before);
    }

    /// <summary>A shard puts a copy from another shard where it had none.</summary>
    public void JudgeFill(string addr, byte[] stored)
    {
        var operation = CacheOperation.Current!;
        Tally.Fills++;
        if (!Views.IsNewest(operation.View!))
        {
            // Copies under an epoch that is over.
            return;
        }

        var value = _registers[operation.Key].Find(NumberOf(stored));
        var bound = _registers[operation.Key].NewestCurrent(agenda.Now);
        laws.Judge(Law.FillsAreFresh, value is not null && (bound is null || value.Order >= bound.Order), () => Text($"{operation} filled {value} in on {addr}; the newest current write acknowledged by then is {bound}"));
    }

    /// <summary>A client hears that what it wrote is done.</summary>
    public void Acknowledge(CacheOperation operation)
    {
        if (operation.Write is { } write)
        {
            _registers[operation.Key].Acknowledge(write, agenda.Now);
            if (operation is { Kind: CacheOperationKind.CheckAndSet, Replaced: > 0 } && operation.Replaced == operation.Replaces)
            {
                JudgeValue(operation, operation.Replaced, Law.SwapIsOfAFreshCopy);
            }
        }
        else
        {
            laws.Break(Law.ReadsAreFresh, $"{operation} was acknowledged, and no shard executed it");
        }
    }

    /// <summary>A client has read a value; null for a miss.</summary>
    /// <param name="operation">The read.</param>
    /// <param name="number">What it gave.</param>
    /// <param name="wasAgreed">Whether all clients would have gone to the same shard when it began.</param>
    public void JudgeRead(CacheOperation operation, long? number, bool wasAgreed)
    {
        Tally.Reads++;
        if (number is null)
        {
            laws.Judge(Law.ReadsAreFresh, holds: true, static () => "");
            return;
        }

        Tally.Hits++;
        var register = _registers[operation.Key];
        var order = register.Find(number.Value)?.Order ?? 0;
        Tally.Stale += order < register.NewestOfAll(operation.Started)?.Order ? 1 : 0;
        if (wasAgreed)
        {
            Tally.AgreedHits++;
            Tally.AgreedStale += order < register.NewestAgreed(operation.Started)?.Order ? 1 : 0;
        }

        if (world.Rule != CacheRule.RingKeeper)
        {
            // What it promises nobody has written down; it is only counted.
            return;
        }

        JudgeValue(operation, number.Value, Law.ReadsAreFresh);
    }

    private void JudgeValue(CacheOperation operation, long number, Law law)
    {
        var register = _registers[operation.Key];
        if (operation.View is not { } view || register.Find(number) is not { } value)
        {
            laws.Break(law, Text($"{operation} gave {number}, which nobody has written"));
            return;
        }

        var unseen = Views.OldestUnseen(view) is { } at && at < operation.Started ? at : (long?)null;
        Tally.LaggingReads += unseen is null ? 0 : 1;
        var bound = register.NewestCurrent(unseen ?? operation.Started);
        var isFresh = bound is null || value.Order >= bound.Order;
        if (!isFresh && view.Statuses.GetValueOrDefault(operation.Addr!)?.RunId is null && world.Redis(operation.Addr!).LostDataAt > bound!.At)
        {
            Tally.Excused++;
            return;
        }

        var isLate = world.Format == CacheFormat.GoreLib && Views.IsLate(view.ExactValidSince(CacheWorld.Keys[operation.Key], RoutePolicy.Failover), view.History.Unrecorded);
        Tally.HitsOfLateStamps += isLate ? 1 : 0;
        var returns = unseen is null && value.HiddenSince < operation.Started;
        if ((!isFresh || returns) && world.Format == CacheFormat.GoreLib && (isLate || world.AllowedLateness is null))
        {
            // Nothing is promised by clocks there; how often it happens is counted.
            Tally.StaleOfLateStamps += isLate ? 1 : 0;
            Tally.StaleBeyondTolerance += isLate ? 0 : 1;
            return;
        }

        laws.Judge(law, isFresh, () => Text(
            $"{operation} through view {view.TopologyVersion}/{view.StatusVersion}, which missed nothing before {Time(unseen)}, gave {value}; the newest current write acknowledged by then is {bound}"));
        if (unseen is not null)
        {
            return;
        }

        laws.Judge(Law.NoneReturns, value.HiddenSince is null || value.HiddenSince >= operation.Started, () => Text($"{operation} gave {value} after something newer had been read at {Time(value.HiddenSince)}"));
        foreach (var later in register.After(value).Where(w => w.At < operation.Started && w.HiddenSince is null))
        {
            later.HiddenSince = agenda.Now;
        }
    }

    private void Note(string addr, long number)
    {
        var operation = CacheOperation.Current!;
        var isCurrent = operation.View is { } view && Views.IsNewest(view);
        operation.Write = new RegisterWrite(number, ++_order, agenda.Now, addr, isCurrent) { IsAgreed = world.AgreedAddr(operation.Key) == addr };
        _registers[operation.Key].Add(operation.Write);
        Tally.Writes++;
        Tally.CurrentWrites += isCurrent ? 1 : 0;
    }

    private static string Time(long? at) => at is { } ticks ? Text($"{TimeSpan.FromTicks(ticks).TotalSeconds:0.000} s") : "now";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
