using System.Net;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Shards;

public sealed class ShardConfigurationTests
{
    [Fact]
    public void A_dead_shard_is_made_an_error_at_once()
    {
        var configuration = ShardConfiguration.Create(":6378", new ClusterOptions { ConnectTimeout = TimeSpan.FromMilliseconds(700) });

        Assert.False(configuration.AbortOnConnectFail);
        Assert.Same(BacklogPolicy.FailFast, configuration.BacklogPolicy);
        Assert.Equal(TimeSpan.FromMilliseconds(100), configuration.HeartbeatInterval);
        Assert.IsType<LinearRetry>(configuration.ReconnectRetryPolicy);
        Assert.Equal((700, 1000, 1000), (configuration.ConnectTimeout, configuration.AsyncTimeout, configuration.SyncTimeout));
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 6378), Assert.Single(configuration.EndPoints));
    }

    [Fact]
    public void The_user_has_the_last_word_except_for_the_end_point()
    {
        var configuration = ShardConfiguration.Create("host:1", new ClusterOptions
        {
            ConfigureRedis = options =>
            {
                options.AsyncTimeout = 50;
                options.Password = "secret";
                options.EndPoints.Add("elsewhere:2");
            },
        });

        Assert.Equal((50, "secret"), (configuration.AsyncTimeout, configuration.Password));
        Assert.Equal(new DnsEndPoint("host", 1), Assert.Single(configuration.EndPoints));
    }

    [Fact]
    public void What_the_user_does_before_a_socket_connects_is_kept_beside_the_connections_own()
    {
        var users = new List<ConnectionType>();
        var own = 0;
        var configuration = ShardConfiguration.Create(
            ":1", new ClusterOptions { ConfigureRedis = options => options.BeforeSocketConnect = (_, type, _) => users.Add(type) }, () => own++);

        configuration.BeforeSocketConnect!(configuration.EndPoints[0], ConnectionType.Interactive, null!);
        configuration.BeforeSocketConnect(configuration.EndPoints[0], ConnectionType.Subscription, null!);

        Assert.Equal([ConnectionType.Interactive, ConnectionType.Subscription], users);
        Assert.Equal(1, own);
    }
}
