using System.Globalization;

namespace RingKeeper;

/// <summary>The ids of checkers: what is allowed, and what is taken where none is given.</summary>
internal static class CheckerIdentity
{
    private const int MaxLength = 128;

    private static int _made;

    /// <summary>Says why a text cannot be a checker's id, or null.</summary>
    public static string? FlawOf(string id) => id.Length is 0 or > MaxLength || !id.All(IsAllowed)
        ? $"'{id}' cannot be a checker's id: use 1 to {MaxLength} letters, digits, '.', '_' or '-', another one for each checker of the cluster; or leave it out"
        : null;

    /// <summary>
    /// Makes an id that no other checker has, neither in this process nor on this machine nor on another one of the same name. It does not survive a restart:
    /// what does would have to tell the checkers of one machine apart, which only who starts them can.
    /// </summary>
    public static string Make(string machineName, Random random)
    {
        int suffix;
        lock (random)
        {
            suffix = random.Next();
        }

        var tail = string.Create(CultureInfo.InvariantCulture, $"-{Environment.ProcessId}-{Interlocked.Increment(ref _made)}-{suffix:x8}");
        var machine = string.Concat(machineName.Select(c => IsAllowed(c) ? c : '-'));
        return machine[..Math.Min(machine.Length, MaxLength - tail.Length)] + tail;
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';
}
