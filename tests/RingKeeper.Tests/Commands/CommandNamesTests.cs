using RingKeeper.CommandGenerator;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Commands;

public sealed class CommandNamesTests
{
    private static readonly List<CommandMethod> All = CommandMethod.OfDatabase();

    [Fact]
    public void Every_method_that_sends_a_command_has_its_name_and_every_line_names_a_method()
    {
        Assert.All(All.Where(static method => !CommandNames.IsSilent(method)), static method => Assert.Matches("^[A-Z_]+( [A-Z]+)?$", CommandNames.Of(method)));
        Assert.All(All.Where(CommandNames.IsSilent), static method => Assert.Throws<UndecidedMethodException>(() => CommandNames.Of(method)));
        Assert.Equal([], CommandNames.Idle(All));
    }

    [Fact]
    public void A_method_that_nobody_has_looked_at_stops_the_generator()
    {
        var exception = Assert.Throws<UndecidedMethodException>(() => CommandNames.Of(CommandMethod.Of(typeof(IWithUnnamed)).Single()));

        Assert.Contains("IWithUnnamed.Braid(RedisKey key)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_whose_method_is_gone_is_found() =>
        Assert.Equal(["StringGet", "StringGet with RedisKey[]"], CommandNames.Idle([.. All.Where(static method => method.Command != "StringGet")]));

    [Theory]
    [InlineData("StringGet", 2, "\"GET\"")]
    [InlineData("Execute", 2, "CommandTelemetry.NameOf(command)")]
    [InlineData("SetCombineAndStore", 4, "operation switch { SetOperation.Intersect => \"SINTERSTORE\", SetOperation.Difference => \"SDIFFSTORE\", _ => \"SUNIONSTORE\" }")]
    public void What_the_arguments_decide_is_told_by_them(string command, int parameters, string expression) =>
        Assert.Equal(expression, CommandNames.Expression(All.First(method => method.Command == command && method.Parameters.Length == parameters)));

    private interface IWithUnnamed
    {
        bool Braid(RedisKey key);
    }
}
