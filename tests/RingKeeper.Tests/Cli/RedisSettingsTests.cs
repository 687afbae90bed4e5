using RingKeeper.Cli;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Cli;

public sealed class RedisSettingsTests
{
    [Fact]
    public void The_settings_of_the_variable_reach_a_connection_and_others_stay()
    {
        var target = new ConfigurationOptions { ClientName = "kept", ConnectTimeout = 123 };

        Read("user=app,password=hunter2=,ssl=true,sslHost=cache.test").Apply(target);

        Assert.Equal(("app", "hunter2=", true, "cache.test"), (target.User, target.Password, target.Ssl, target.SslHost));
        Assert.Equal(("kept", 123), (target.ClientName, target.ConnectTimeout));
        Assert.Empty(target.EndPoints);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_the_variable_nothing_changes(string? text)
    {
        var target = new ConfigurationOptions();

        Read(text).Apply(target);

        Assert.Equal(new ConfigurationOptions().ToString(includePassword: true), target.ToString(includePassword: true));
    }

    [Theory]
    [InlineData("hunter2")]
    [InlineData("hunter2:6379,password=x")]
    [InlineData("password=a,hunter2")]
    [InlineData("hunter2=x")]
    [InlineData("connectTimeout=hunter2")]
    [InlineData("ssl=hunter2")]
    public void A_bad_variable_is_wrong_use_and_no_part_of_it_is_quoted(string text)
    {
        var refused = Assert.Throws<CliUsageException>(() => Read(text));

        Assert.Contains("RINGKEEPER_REDIS", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_description_holds_names_and_no_values()
    {
        Assert.Equal("user, password", Read("user=app,password=hunter2").ToString());
    }

    private static RedisSettings Read(string? text) => RedisVariable.Read(_ => text);
}
