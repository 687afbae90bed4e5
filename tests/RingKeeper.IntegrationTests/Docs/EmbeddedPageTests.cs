using System.Text;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;
using ZooKeeperClient = RingKeeper.ZooKeeper.ZooKeeperClient;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The code of docs/embedded-zookeeper.md, run as it stands there.</summary>
public sealed class EmbeddedPageTests
{
    private const string Page = "docs/embedded-zookeeper.md";

    [Fact]
    public void Every_line_of_code_on_the_page_stands_in_this_file() =>
        Assert.Equal([], PageCode.MissingLines(Page, line => line, "tests/RingKeeper.IntegrationTests/Docs/EmbeddedPageTests.cs"));

    [Fact]
    public void The_page_names_every_option_and_every_fault()
    {
        var page = File.ReadAllText(PageCode.PathOf(Page));
        var names = typeof(EmbeddedZooKeeperOptions).GetProperties().Select(property => property.Name)
            .Concat(typeof(ServerFaults).GetMethods().Where(method => method.DeclaringType == typeof(ServerFaults) && !method.IsSpecialName).Select(method => method.Name))
            .Concat(Enum.GetNames<EmulatedVersion>());
        Assert.Equal([], names.Distinct().Where(name => name != "Logger" && !page.Contains($"`{name}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_first_steps_run()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new EmbeddedZooKeeperOptions { Listen = false });
        await using var client = await ZooKeeperClient.ConnectAsync(new ZooKeeperClientOptions
        {
            ConnectString = server.ConnectString,
            Transport = server.Transport,
        });
        await client.CreateAsync("/greeting", "hello"u8.ToArray());
        Assert.Equal("hello", Encoding.UTF8.GetString((await client.GetDataAsync("/greeting")).Data));
    }

    [Fact]
    public async Task A_counter_counts_once_though_its_reply_was_lost()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new EmbeddedZooKeeperOptions { Listen = false });
        await using var client = await ZooKeeperClient.ConnectAsync(new ZooKeeperClientOptions
        {
            ConnectString = server.ConnectString,
            Transport = server.Transport,
        });
        await client.CreateAsync("/counter", "0"u8.ToArray());
        var fault = server.Faults.LoseReply(request => request.Operation == "SetData");

        await IncrementAsync(client);

        await fault.Struck;
        Assert.Equal("1", Encoding.UTF8.GetString((await client.GetDataAsync("/counter")).Data));
    }

    [Fact]
    public async Task A_counter_survives_random_faults()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new EmbeddedZooKeeperOptions { Listen = false });
        await using var client = await ZooKeeperClient.ConnectAsync(new ZooKeeperClientOptions
        {
            ConnectString = server.ConnectString,
            Transport = server.Transport,
            MaxReconnectPause = TimeSpan.FromMilliseconds(10),
        });
        await client.CreateAsync("/counter", "0"u8.ToArray());
        var plan = FaultPlan.Random(seed: 42, rate: 0.1);
        server.Faults.Run(plan);
        for (var i = 0; i < 20; i++)
        {
            await IncrementAsync(client);
        }

        server.Faults.Run(null);
        var counted = Encoding.UTF8.GetString((await client.GetDataAsync("/counter")).Data);
        Assert.True(counted == "20", $"{counted} after 20 increments: {plan}\n{string.Join('\n', server.Faults.Struck)}");
    }

    private static async Task IncrementAsync(ZooKeeperClient client)
    {
        NodeData? before = null;
        while (true)
        {
            try
            {
                var now = await client.GetDataAsync("/counter");
                if (before is { } known && now.Stat.Version > known.Stat.Version)
                {
                    // Nobody else writes: it was our write that changed the version.
                    return;
                }

                before = now;
                var next = int.Parse(Encoding.UTF8.GetString(now.Data)) + 1;
                await client.SetDataAsync("/counter", Encoding.UTF8.GetBytes($"{next}"), now.Stat.Version);
                return;
            }
            catch (ZooKeeperException failure) when (failure.Code == ZooKeeperErrorCode.ConnectionLoss)
            {
                // Applied or not, nobody knows: look again.
            }
        }
    }
}
