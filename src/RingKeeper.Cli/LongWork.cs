using Spectre.Console;

namespace RingKeeper.Cli;

/// <summary>Shows on standard error how far a long work is: a bar on a terminal, elsewhere a line every few seconds.</summary>
internal static class LongWork
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DrawEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>Shows it until the work has ended, and lets its failure through.</summary>
    /// <param name="output">The outputs.</param>
    /// <param name="title">What is done.</param>
    /// <param name="share">How much of it is done, from 0 to 1.</param>
    /// <param name="text">The same in words.</param>
    /// <param name="work">The work, under way.</param>
    /// <param name="time">The source of time.</param>
    public static async Task ShowAsync(CliOutput output, string title, Func<double> share, Func<string> text, Task work, TimeProvider time)
    {
        if (output.ProgressConsole is { } console)
        {
            await console.Progress().AutoClear(true).HideCompleted(true).StartAsync(async progress =>
            {
                var bar = progress.AddTask(Markup.Escape(TerminalText.Of(title)), maxValue: 1);
                while (!await EndsWithinAsync(work, DrawEvery, time))
                {
                    bar.Value = Math.Min(share(), 1);
                    bar.Description = Markup.Escape(TerminalText.Of($"{title}: {text()}"));
                }
            });
        }
        else
        {
            output.WriteDiagnostic($"ringkeeper: {title}");
            while (!await EndsWithinAsync(work, LineEvery, time))
            {
                output.WriteDiagnostic($"ringkeeper: {text()}");
            }
        }

        await work;
    }

    private static async Task<bool> EndsWithinAsync(Task work, TimeSpan span, TimeProvider time)
    {
        using var stop = new CancellationTokenSource();
        var ended = await Task.WhenAny(work, Task.Delay(span, time, stop.Token)) == work;
        await stop.CancelAsync();
        return ended;
    }
}
