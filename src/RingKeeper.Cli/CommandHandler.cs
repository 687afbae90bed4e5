namespace RingKeeper.Cli;

/// <summary>Carries out a parsed command and returns its exit code.</summary>
/// <remarks>
/// The token fires on Ctrl-C or SIGTERM. A command that runs until then ends with <see cref="ExitCodes.Done"/>; any other
/// lets the cancellation through, and the exit code is <see cref="ExitCodes.Failed"/>.
/// </remarks>
internal delegate Task<int> CommandHandler<in TRequest>(TRequest request, CliOutput output, CancellationToken cancellationToken);
