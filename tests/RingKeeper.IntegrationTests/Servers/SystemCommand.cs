using System.Diagnostics;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>Runs a short program of the system to its end.</summary>
internal static class SystemCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Returns what the program wrote.</summary>
    /// <exception cref="InvalidOperationException">It is missing or failed; the message holds its own words.</exception>
    public static async Task<string> RunAsync(string program, string package, params string[] arguments)
    {
        ChildProcess.Require(program, package);
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        using var bound = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(bound.Token);
        var errors = process.StandardError.ReadToEndAsync(bound.Token);
        await process.WaitForExitAsync(bound.Token);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' failed with exit code {process.ExitCode}: {(await errors).Trim()}");
    }
}
