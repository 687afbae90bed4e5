using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>The log of a checker that runs as a process, line by line, in either format.</summary>
internal sealed partial class CheckerLog
{
    private const int MatchTimeout = 10_000;

    private readonly Lock _gate = new();
    private readonly List<(int Id, string Line)> _lines = [];
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CheckerLog(CliProcess process) => Ended = process.FollowErrorsAsync(Add);

    /// <summary>The end of the log, with that of the process.</summary>
    public Task Ended { get; }

    /// <summary>The ids of the events so far; the client's own lines, which tell of sessions, have small ones.</summary>
    public IReadOnlyList<int> Ids
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines.Select(static line => line.Id)];
            }
        }
    }

    public string Text
    {
        get
        {
            lock (_gate)
            {
                return string.Join(Environment.NewLine, _lines.Select(static line => line.Line));
            }
        }
    }

    /// <summary>Waits until a line with this text is there, after so many others.</summary>
    public async Task WaitForAsync(string part, int after = 0)
    {
        var patience = Cancel.Soon;
        while (true)
        {
            Task added;
            lock (_gate)
            {
                if (_lines.Skip(after).Any(line => line.Line.Contains(part, StringComparison.Ordinal)))
                {
                    return;
                }

                added = _added.Task;
            }

            try
            {
                await added.WaitAsync(patience);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"No line says '{part}' after the first {after}:{Environment.NewLine}{Text}", e);
            }
        }
    }

    private void Add(string line)
    {
        lock (_gate)
        {
            _lines.Add((IdOf(line), line));
            _added.TrySetResult();
            _added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private static int IdOf(string line)
    {
        if (line.StartsWith('{'))
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty("EventId").GetInt32();
        }

        // Exactly the time, the level, the category with the id, and the message.
        return TextLine().Match(line) is { Success: true } match
            ? int.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture)
            : throw new FormatException($"This is no line of the log: {line}");
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|warn|fail|crit): RingKeeper\.\w+\[(?<id>\d+)\] \S", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex TextLine();
}
