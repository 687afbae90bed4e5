using RingKeeper.Simulator.Detectors;
using Xunit;

namespace RingKeeper.Tests.Detectors;

public sealed class TraceFileTests
{
    private const string Text = "# name=n\n# story=a story\n# fault=Crash\n# fault_at_ms=100\n# closes_ms=101\n0,250\n50,\n100,90,Refused\n";

    [Fact]
    public void A_recording_is_written_as_it_is_read()
    {
        var file = TraceFile.Parse("n.csv", Text);

        Assert.Equal(Text, file.Format());
        Assert.Equal([new TraceSample(Ms(0), Ms(0.25)), new TraceSample(Ms(50), null), new TraceSample(Ms(100), Ms(0.09), ProbeOutcome.Refused)], file.Trace.Samples);
        Assert.Equal((TraceFault.Crash, Ms(100), Ms(100)), (file.Fault, file.Trace.FaultAt, file.Trace.End));
        Assert.Equal([Ms(101)], file.Trace.Closes);
    }

    [Theory]
    [InlineData("50,x", "n.csv, line 7")]
    [InlineData("50", "n.csv, line 7")]
    [InlineData("50,1,Nonsense", "n.csv, line 7")]
    [InlineData("# name=again", "n.csv, line 7")]
    public void A_line_that_is_none_is_named(string line, string where)
    {
        var exception = Assert.Throws<FormatException>(() => TraceFile.Parse("n.csv", Text.Replace("50,\n", $"{line}\n", StringComparison.Ordinal)));

        Assert.StartsWith(where, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_without_its_facts_is_named() =>
        Assert.Contains("n.csv lacks", Assert.Throws<FormatException>(() => TraceFile.Parse("n.csv", Text.Replace("# fault=Crash\n", "", StringComparison.Ordinal))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_recordings_that_are_carried_can_be_read_and_are_as_long_as_their_scenes()
    {
        var files = TraceFile.Carried();

        Assert.Equal(RecordedScene.All.Select(static scene => (scene.Name, scene.Fault)).Order(), files.Select(static file => (file.Name, file.Fault)).Order());
        Assert.All(files, static file => Assert.Equal(RecordedScene.All.Single(scene => scene.Name == file.Name).Healthy.TotalSeconds, file.Trace.FaultAt.TotalSeconds, 2.0));
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
