using CsCheck;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

public sealed class PathRulesTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/a")]
    [InlineData("/a/b.c/...")]
    [InlineData("/zoo keeper/ä")]
    public void A_valid_path_has_no_flaw(string path) => Assert.Null(PathRules.Flaw(path));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("/a/")]
    [InlineData("//")]
    [InlineData("/a//b")]
    [InlineData("/.")]
    [InlineData("/a/..")]
    [InlineData("/a\u0000")]
    [InlineData("/\u001f")]
    [InlineData("/\u007f")]
    [InlineData("/\ue000")]
    [InlineData("/\uffff")]
    public void An_invalid_path_has_a_flaw(string? path) => Assert.NotNull(PathRules.Flaw(path));

    [Fact]
    public void A_sequential_path_may_end_with_a_slash_for_the_number()
    {
        Assert.Null(PathRules.Flaw("/a/", sequential: true));
        Assert.Null(PathRules.Flaw("/", sequential: true));
        Assert.Null(PathRules.Flaw("/a/..", sequential: true));
        Assert.NotNull(PathRules.Flaw("/a//", sequential: true));
        Assert.NotNull(PathRules.Flaw("//", sequential: true));
        Assert.NotNull(PathRules.Flaw("//a", sequential: true));
        Assert.NotNull(PathRules.Flaw("/../a", sequential: true));
    }

    [Fact]
    public void A_path_of_valid_names_is_valid() =>
        Gen.String[Gen.Char.AlphaNumeric, 1, 8].Array[1, 6].Sample(names => PathRules.Flaw("/" + string.Join('/', names)) is null);
}
