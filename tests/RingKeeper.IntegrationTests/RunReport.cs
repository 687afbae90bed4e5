using Xunit;

namespace RingKeeper.IntegrationTests;

/// <summary>What a run measured, for people: in the test's output and, where ./test.sh names a file, at the end of the run.</summary>
internal static class RunReport
{
    private const string Variable = "RINGKEEPER_TEST_REPORT";
    private static readonly Lock Gate = new();

    public static void Write(IReadOnlyCollection<string> lines)
    {
        foreach (var line in lines)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(line);
        }

        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file)
        {
            lock (Gate)
            {
                File.AppendAllLines(file, lines);
            }
        }
    }
}
