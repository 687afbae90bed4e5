namespace RingKeeper;

/// <summary>What the sensors of a process say of the time since the last beat.</summary>
/// <param name="GcPause">How long the garbage collector held every thread.</param>
/// <param name="PoolDelay">How long a work item had to wait for a thread of the pool, or has waited so far.</param>
internal readonly record struct SelfReading(TimeSpan GcPause, TimeSpan PoolDelay);
