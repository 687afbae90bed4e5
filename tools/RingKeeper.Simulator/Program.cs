using RingKeeper.Simulator.Detectors;

switch (args)
{
    case ["detectors", .. var rest]:
        return await DetectorsCommand.RunAsync(rest);
    default:
        Console.Error.WriteLine(
            $"""
            usage: dotnet run --project tools/RingKeeper.Simulator -- WHAT

            {DetectorsCommand.Usage}
            """);
        return 2;
}
