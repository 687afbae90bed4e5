using RingKeeper.Simulator;
using RingKeeper.Simulator.Detectors;

switch (args)
{
    case ["detectors", .. var rest]:
        return await DetectorsCommand.RunAsync(rest);
    case ["run", .. var rest]:
        return RunCommand.Run(rest, Console.Out, Console.Error);
    default:
        Console.Error.WriteLine(
            $"""
            usage: dotnet run --project tools/RingKeeper.Simulator -- WHAT

            {RunCommand.Usage}

            {DetectorsCommand.Usage}
            """);
        return 2;
}
