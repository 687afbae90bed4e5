using RingKeeper.Cli;
using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>Runs commands in this process against one ZooKeeper.</summary>
internal sealed class CliCommand(string zkServers)
{
    public Task<(int Code, string Output, string Error)> RunAsync(params string[] args) => RunAsync(TextReader.Null, false, args);

    /// <summary>Runs a command with this standard input, before somebody who can be asked or not.</summary>
    public async Task<(int Code, string Output, string Error)> RunAsync(TextReader input, bool canAsk, params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var environment = new CliEnvironment
        {
            Output = output,
            Error = error,
            Input = input,
            CanAsk = canAsk,
            GetVariable = name => name == "RINGKEEPER_ZOOKEEPER" ? zkServers : null,
        };
        var code = await new CliApp(environment, CliHandlers.Wired).RunAsync(args, Cancel.Soon);
        return (code, output.ToString(), error.ToString());
    }
}
