namespace RingKeeper;

/// <summary>A cluster that was added to a container.</summary>
/// <param name="Name">The name of its options: its key, or empty without one.</param>
internal sealed record ClusterRegistration(string Name)
{
    /// <summary>The key of its services, or null.</summary>
    public string? Key => Name.Length == 0 ? null : Name;
}

/// <summary>A checker that was added to a cluster.</summary>
/// <param name="Name">The name of the cluster's options.</param>
internal sealed record CheckerRegistration(string Name);
