namespace RingKeeper.Dashboard;

/// <summary>Says what a dashboard shows.</summary>
public sealed class DashboardOptions
{
    /// <summary>Gets the names of the clusters to show (default: none, which means all that the application has registered).</summary>
    public IList<string> Clusters { get; } = [];

    /// <summary>Gets or sets how many browsers may follow one cluster live at the same time, from 1 (default: 100). Others are answered with 503, and show the page without.</summary>
    public int MaxStreams { get; set; } = 100;

    internal void Validate()
    {
        if (MaxStreams < 1)
        {
            throw new RingKeeperException($"{nameof(DashboardOptions)}.{nameof(MaxStreams)} is {MaxStreams}. Set it to a number from 1.");
        }
    }
}
