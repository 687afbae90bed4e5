namespace RingKeeper.IntegrationTests.Cli;

/// <summary>Somebody at a terminal, who may do something before the answer.</summary>
internal sealed class AskedPerson(string answer, Func<Task>? before = null) : TextReader
{
    public override string ReadLine()
    {
        // Never on the test's own thread; a terminal's read blocks as well.
        before?.Invoke().GetAwaiter().GetResult();
        return answer;
    }
}
