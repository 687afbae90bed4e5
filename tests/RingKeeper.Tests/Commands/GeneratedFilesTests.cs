using RingKeeper.CommandGenerator;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Commands;

public sealed class GeneratedFilesTests
{
    [Fact]
    public void What_is_committed_is_what_the_table_of_rules_and_the_library_give()
    {
        var root = GeneratedFiles.FindRoot(AppContext.BaseDirectory);

        foreach (var (path, text) in GeneratedFiles.All())
        {
            var file = Path.Combine(root, path);
            Assert.True(
                File.Exists(file) && File.ReadAllText(file) == text,
                $"{path} is not what the rules give. Decide what the library has changed, then run: dotnet run --project tools/RingKeeper.CommandGenerator");
        }
    }

    [Fact]
    public void A_method_that_no_rule_covers_stops_the_generator()
    {
        var exception = Assert.Throws<UndecidedMethodException>(() => CommandRules.Decide(CommandMethod.OfDatabase().Concat(CommandMethod.Of(typeof(IWithUndecided)))));

        Assert.Contains("IWithUndecided.Compare(long left, long right)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_decides_nothing_any_more_stops_the_generator()
    {
        var exception = Assert.Throws<UndecidedMethodException>(() => CommandRules.Decide(CommandMethod.OfDatabase().Where(method => method.Command != "Ping")));

        Assert.Contains("`Ping`", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_of_a_type_that_nobody_has_looked_into_stops_the_generator()
    {
        var exception = Assert.Throws<UndecidedMethodException>(() => CommandMethod.Of(typeof(IWithUnknownType)).ToList().ForEach(static method => method.RequireKnownTypes()));

        Assert.Contains("System.Uri", exception.Message, StringComparison.Ordinal);
    }

    private interface IWithUndecided
    {
        bool Compare(long left, long right);
    }

    private interface IWithUnknownType
    {
        bool Copy(RedisKey key, Uri target);
    }
}
