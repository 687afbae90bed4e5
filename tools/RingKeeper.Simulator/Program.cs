using RingKeeper.Simulator;
using RingKeeper.Simulator.Detectors;
using RingKeeper.Simulator.Rivals;

switch (args)
{
    case ["detectors", .. var rest]:
        return await DetectorsCommand.RunAsync(rest);
    case ["run", .. var rest]:
        return RunCommand.Run(rest, Console.Out, Console.Error);
    case ["rivals", .. var rest]:
        return RivalsCommand.Run(rest, Console.Out, Console.Error);
    default:
        Console.Error.WriteLine(
            $"""
            usage: dotnet run --project tools/RingKeeper.Simulator -- WHAT

            {RunCommand.Usage}

            {DetectorsCommand.Usage}

            {RivalsCommand.Usage}
            """);
        return 2;
}
