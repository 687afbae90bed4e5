using Xunit;

namespace RingKeeper.IntegrationTests.Faults;

/// <summary>The judge itself: what it must let pass, and what it must not.</summary>
public sealed class PromiseJudgeTests
{
    private static readonly ViewVersions Old = new(10, 20);
    private static readonly ViewVersions New = new(10, 30);

    // The status changed at 1000.
    private readonly PromiseJudge _judge = new([new(10, 0)], [new(20, 0), new(30, 1000)], slack: 10);
    private readonly RegisterHistory _register = new("key");

    [Fact]
    public void A_value_older_than_an_acknowledged_write_is_stale()
    {
        Write(100, 110, Old);
        Write(200, 210, Old);
        Read(0, 300, Old);
        Read(1, 300, Old);
        AssertVerdicts(PromiseVerdict.Stale, PromiseVerdict.Fresh);
    }

    [Fact]
    public void Of_writes_that_overlap_either_may_be_read()
    {
        Write(100, 210, Old);
        Write(200, 205, Old);
        Read(0, 300, Old);
        Read(1, 300, Old);
        AssertVerdicts(PromiseVerdict.Fresh, PromiseVerdict.Fresh);
    }

    [Fact]
    public void A_read_that_began_before_the_acknowledgement_is_not_held_to_it()
    {
        Write(100, 110, Old);
        Write(200, 210, Old);
        Read(0, 210, Old);
        AssertVerdicts(PromiseVerdict.Fresh);
    }

    [Fact]
    public void A_reader_that_lacks_a_change_is_held_to_the_writes_before_it_alone()
    {
        Write(100, 110, Old);
        Write(200, 210, Old);
        Write(1100, 1110, New);
        Read(1, 1200, Old);
        Read(0, 1200, Old);
        Read(1, 1200, New);
        AssertVerdicts(PromiseVerdict.Lagging, PromiseVerdict.Stale, PromiseVerdict.Stale);
    }

    [Fact]
    public void A_write_under_a_view_that_may_have_been_replaced_binds_nobody_and_is_stale_after_a_current_one()
    {
        Write(900, 910, Old);
        Write(980, 995, Old);
        Read(0, 1200, New);
        Write(1300, 1310, New);
        Read(1, 1400, New);
        AssertVerdicts(PromiseVerdict.Fresh, PromiseVerdict.Stale);
    }

    [Fact]
    public void A_write_that_was_never_acknowledged_is_older_than_nothing()
    {
        Write(100, long.MaxValue, Old);
        Write(200, 210, Old);
        Read(0, 300, Old);
        AssertVerdicts(PromiseVerdict.Undecided);
    }

    [Fact]
    public void A_value_that_nobody_had_written_by_then_is_wrong()
    {
        Write(500, 510, Old);
        Read(-1, 300, Old);
        Read(0, 300, Old);
        Read(1, 300, Old);
        AssertVerdicts(PromiseVerdict.Wrong, PromiseVerdict.Wrong, PromiseVerdict.Wrong);
    }

    private void Write(long begun, long ended, ViewVersions view)
    {
        var number = _register.Begin(begun, view);
        _register.Acknowledge(number, ended);
    }

    private void Read(int number, long begun, ViewVersions view) => _register.NoteRead(number, begun, begun + 1, view);

    private void AssertVerdicts(params PromiseVerdict[] expected) => Assert.Equal(expected, _judge.Judge(_register));
}
