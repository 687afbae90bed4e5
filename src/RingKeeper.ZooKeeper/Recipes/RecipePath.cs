using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper;

/// <summary>What a recipe's own path must be like.</summary>
internal static class RecipePath
{
    public static void Check(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (PathRules.Flaw(path) is { } flaw)
        {
            throw new ArgumentException($"The path '{path}' is invalid: {flaw}.", nameof(path));
        }
    }
}
