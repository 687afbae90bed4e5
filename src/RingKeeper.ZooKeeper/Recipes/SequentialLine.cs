using System.Globalization;

namespace RingKeeper.ZooKeeper;

/// <summary>Reads the number that the server gave a znode; false for names that take no part.</summary>
internal delegate bool LineNumberReader(string name, out int number);

/// <summary>The order of numbered znodes below one parent: the lowest number is first, whatever stands before the number. Pure.</summary>
internal static class SequentialLine
{
    // A sequential create pads to ten characters. A negative number, behind the overflow of the counter, counts its sign among them: -000000005, -2147483648.
    private const int Digits = 10;

    private const int Quarter = 1 << 30;

    /// <summary>Puts names in order; those that take no part are left out.</summary>
    /// <param name="names">The names, without the parent's path.</param>
    /// <param name="numberOf">Reads a name's number.</param>
    /// <param name="wraps">
    /// Whether numbers that overflowed come last where the line holds both ends of the range. False keeps to the plain order, as programs do that
    /// stand in the same line and know no other.
    /// </param>
    public static List<string> InOrder(IEnumerable<string> names, LineNumberReader numberOf, bool wraps)
    {
        var line = names
            .Select(name => (Name: name, TakesPart: numberOf(name, out var number), Number: (long)number))
            .Where(static n => n.TakesPart)
            .ToList();
        var isWrapped = wraps && line.Exists(static n => n.Number > Quarter) && line.Exists(static n => n.Number < -Quarter);
        return
        [
            .. line
                .OrderBy(n => isWrapped && n.Number < 0 ? n.Number + (1L << 32) : n.Number)
                .ThenBy(static n => n.Name, StringComparer.Ordinal)
                .Select(static n => n.Name),
        ];
    }

    /// <summary>Gives the place of a znode: 0 is first, -1 means that it is gone. Its predecessor is the znode before it, if any.</summary>
    public static (int Place, string? Predecessor) PlaceOf(string own, IReadOnlyList<string> inOrder)
    {
        for (var i = 0; i < inOrder.Count; i++)
        {
            if (inOrder[i] == own)
            {
                return (i, i == 0 ? null : inOrder[i - 1]);
            }
        }

        return (-1, null);
    }

    /// <summary>Reads the number at the end of any name: ten characters or, of a number beyond that, eleven with its sign.</summary>
    public static bool TryGetNumber(string name, out int number)
    {
        number = 0;
        if (name.Length < Digits)
        {
            return false;
        }

        // "x--2147483648" is the prefix "x-" and a negative number, "x-2147483647" may be either: the one that was padded, as every prefix here ends in '-'.
        var start = name.Length - Digits;
        var isPadded = name[start] == '-' && start > 0 && name[start - 1] == '-';
        if (!isPadded && start > 1 && name[start - 1] == '-' && name[start - 2] == '-')
        {
            start--;
        }

        var digits = name.AsSpan(name[start] == '-' ? start + 1 : start);
        return digits.Length >= Digits - (isPadded ? 1 : 0) && digits.ContainsOnlyDigits()
            && int.TryParse(name.AsSpan(start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    private static bool ContainsOnlyDigits(this ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') < 0;
}
