namespace RingKeeper;

/// <summary>A check of a view that was begun.</summary>
/// <param name="Doubts">How many doubts there had been by then.</param>
/// <param name="Began">The timestamp.</param>
internal readonly record struct ViewCheck(int Doubts, long Began);
