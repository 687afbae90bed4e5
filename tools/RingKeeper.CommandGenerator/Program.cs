using RingKeeper.CommandGenerator;

// Writes the routing database and its page of documentation. Run it in the repository after a rule or StackExchange.Redis has changed.
try
{
    var root = args.Length > 0 ? args[0] : GeneratedFiles.FindRoot(Environment.CurrentDirectory);
    foreach (var (path, text) in GeneratedFiles.All())
    {
        File.WriteAllText(Path.Combine(root, path), text);
        Console.WriteLine(path);
    }

    return 0;
}
catch (UndecidedMethodException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
