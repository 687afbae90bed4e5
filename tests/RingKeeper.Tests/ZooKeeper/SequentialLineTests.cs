using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

public sealed class SequentialLineTests
{
    [Fact]
    public void A_line_is_in_the_order_of_numbers_whatever_stands_before_them() =>
        Assert.Equal(["_c_f-lock-0000000002", "_c_a-lock-0000000010", "_c_0-lock-0000000011"], InOrder("_c_0-lock-0000000011", "_c_a-lock-0000000010", "notes", "_c_f-lock-0000000002"));

    [Fact]
    public void Numbers_that_overflowed_come_last() =>
        Assert.Equal(["a-2147483646", "b-2147483647", "a--2147483648", "a--2147483647"], InOrder("a--2147483647", "b-2147483647", "a--2147483648", "a-2147483646"));

    [Fact]
    public void The_plain_order_puts_negative_numbers_first() =>
        Assert.Equal(["a--2147483648", "a-2147483647"], SequentialLine.InOrder(["a-2147483647", "a--2147483648"], SequentialLine.TryGetNumber, wraps: false));

    [Fact]
    public void A_line_that_counts_up_to_zero_again_is_in_order() =>
        Assert.Equal(["a--000000002", "a--000000001", "a-0000000000", "a-0000000001"], InOrder("a-0000000001", "a--000000001", "a-0000000000", "a--000000002"));

    [Theory]
    [InlineData("x-0000000007", true, 7)]
    [InlineData("x--000000007", true, -7)]
    [InlineData("x--999999999", true, -999_999_999)]
    [InlineData("x--1000000000", true, -1_000_000_000)]
    [InlineData("x--2147483648", true, int.MinValue)]
    [InlineData("0000000007", true, 7)]
    [InlineData("x-000000007", false, 0)]
    [InlineData("x-00000000o7", false, 0)]
    [InlineData("x-9999999999", false, 0)]
    [InlineData("", false, 0)]
    public void A_number_is_the_ten_characters_at_the_end_that_the_server_pads_to(string name, bool takesPart, int number) =>
        Assert.Equal((takesPart, number), (SequentialLine.TryGetNumber(name, out var read), read));

    [Fact]
    public void A_place_has_the_one_before_it_as_predecessor()
    {
        string[] line = ["a", "b", "c"];
        Assert.Equal((0, null), SequentialLine.PlaceOf("a", line));
        Assert.Equal((2, "b"), SequentialLine.PlaceOf("c", line));
        Assert.Equal((-1, null), SequentialLine.PlaceOf("d", line));
    }

    private static List<string> InOrder(params string[] names) => SequentialLine.InOrder(names, SequentialLine.TryGetNumber, wraps: true);
}
