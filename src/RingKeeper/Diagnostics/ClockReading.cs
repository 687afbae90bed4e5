namespace RingKeeper;

/// <summary>What one look at another clock tells: by how much it is ahead of the own one, and how exact that is. Pure.</summary>
/// <param name="Difference">The other clock less the own; negative where the other is behind.</param>
/// <param name="Uncertainty">The truth is within this on either side.</param>
internal readonly record struct ClockReading(TimeSpan Difference, TimeSpan Uncertainty)
{
    /// <summary>Makes a reading of a request that the other clock answered with its time: at some moment of the round trip, most likely its midpoint.</summary>
    /// <param name="sent">The own clock when the request was sent.</param>
    /// <param name="roundTrip">How long the answer took, by a clock that nobody sets.</param>
    /// <param name="told">What the other clock told.</param>
    /// <param name="resolution">What the other clock's time was cut down to.</param>
    public static ClockReading OfRoundTrip(DateTimeOffset sent, TimeSpan roundTrip, DateTimeOffset told, TimeSpan resolution) =>
        new(told + (resolution / 2) - (sent + (roundTrip / 2)), (roundTrip + resolution) / 2);
}
