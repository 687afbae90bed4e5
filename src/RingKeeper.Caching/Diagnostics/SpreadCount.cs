using System.Runtime.InteropServices;

namespace RingKeeper;

/// <summary>A count that many threads raise at once without getting in each other's way: one part a processor, each in a cache line of its own.</summary>
internal sealed class SpreadCount
{
    private readonly Part[] _parts = new Part[Environment.ProcessorCount];

    public long Value
    {
        get
        {
            var sum = 0L;
            for (var i = 0; i < _parts.Length; i++)
            {
                sum += Interlocked.Read(ref _parts[i].Count);
            }

            return sum;
        }
    }

    public void Increment() => Interlocked.Increment(ref _parts[(uint)Thread.GetCurrentProcessorId() % (uint)_parts.Length].Count);

    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Part
    {
        [FieldOffset(64)]
        public long Count;
    }
}
