namespace RingKeeper;

/// <summary>Says that a manager of another kind dropped fields of a cluster.</summary>
internal static class RestoredFields
{
    /// <summary>Describes them in one line; null where there are none.</summary>
    public static string? Describe(IReadOnlyList<string> fields) => fields.Count == 0
        ? null
        : $"a manager that does not know them dropped {string.Join(", ", fields)}; the recorded ones stay in use, and an update writes them back";
}
