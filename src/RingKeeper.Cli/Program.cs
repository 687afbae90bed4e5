using RingKeeper.Cli;

using var shutdown = new ShutdownSignals();
return await new CliApp(CliEnvironment.OfProcess(), CliHandlers.Wired).RunAsync(args, shutdown.Token);
