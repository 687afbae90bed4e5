using RingKeeper.Cli;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Cli;

public sealed class CliAppTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    public static TheoryData<Exception> ExpectedFailures =>
    [
        new RingKeeperException("why it failed"),
        new ZooKeeperException(ZooKeeperErrorCode.NoNode, "/p", message: "why it failed"),
        new TimeoutException("why it failed"),
        new IOException("why it failed"),
    ];

    [Theory]
    [MemberData(nameof(ExpectedFailures))]
    public async Task A_failure_ends_with_1_and_its_message_alone(Exception failure)
    {
        Assert.Equal(1, await _cli.RunAsync(Listing((_, _) => throw failure), "cluster", "list"));

        Assert.Equal($"ringkeeper: why it failed{Environment.NewLine}", _cli.Error);
        Assert.Empty(_cli.Output);
    }

    [Fact]
    public async Task A_defect_is_not_hidden()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _cli.RunAsync(Listing((_, _) => throw new InvalidOperationException()), "cluster", "list"));
    }

    [Fact]
    public async Task The_exit_code_of_the_handler_is_that_of_the_command()
    {
        Assert.Equal(1, await _cli.RunAsync(Listing((_, _) => Task.FromResult(1)), "cluster", "list"));
    }

    [Fact]
    public async Task Ctrl_C_cancels_the_command_which_ends_with_1()
    {
        using var shutdown = new CancellationTokenSource();
        var handlers = Listing(async (_, cancellationToken) =>
        {
            await shutdown.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            return 0;
        });

        Assert.Equal(1, await _cli.RunAsync(handlers, shutdown.Token, "cluster", "list"));
        Assert.Contains("Cancelled", _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "ZooKeeper refused GetData: these credentials are not those that the znode /goreclusters/x was created for. Check user and password (RINGKEEPER_ZOOKEEPER_AUTH or RINGKEEPER_ZOOKEEPER_SASL, or zookeeper.user and zookeeper.password or zookeeper.sasl of the file of --config).")]
    [InlineData(false, "ZooKeeper refused GetData: the znode /goreclusters/x is closed to sessions without credentials. Set the user and password that it was created for (RINGKEEPER_ZOOKEEPER_AUTH or RINGKEEPER_ZOOKEEPER_SASL, or zookeeper.user and zookeeper.password or zookeeper.sasl of the file of --config).")]
    public async Task A_refusal_names_the_znode_once_and_the_settings_of_the_command_alone(bool isIdentified, string told)
    {
        const string Path = "/goreclusters/x";
        var refusal = new ZooKeeperException(ZooKeeperErrorCode.NoAuth, Path, message: ZooKeeperException.DescribeRefusal($"GetData {Path}", Path, ruledByParent: false, isIdentified));

        Assert.Equal(1, await _cli.RunAsync(Listing((_, _) => throw refusal), "cluster", "list"));

        Assert.Equal($"ringkeeper: {told}{Environment.NewLine}", _cli.Error);
    }

    [Theory]
    [InlineData("ring", false)]
    [InlineData("ring verify", false)]
    [InlineData("ring compare", false)]
    [InlineData("zookeeper serve", false)]
    [InlineData("demo", true)]
    [InlineData("cluster list", true)]
    [InlineData("", true)]
    public async Task Help_lists_where_ZooKeeper_is_only_for_commands_that_ask(string command, bool asks)
    {
        Assert.Equal(0, await _cli.ParseAsync("ring verify --help"));
        var before = _cli.Output.Length;

        Assert.Equal(0, await _cli.ParseAsync($"{command} --help"));

        Assert.Equal(asks, _cli.Output[before..].Contains("--zookeeper", StringComparison.Ordinal));
        Assert.Equal(asks, _cli.Output[before..].Contains("--config", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ring verify f --zookeeper h:1", "--zookeeper means nothing to 'ring verify'")]
    [InlineData("--config f zookeeper serve", "--config means nothing to 'zookeeper serve'")]
    public async Task Where_ZooKeeper_is_is_wrong_use_of_a_command_that_does_not_ask(string line, string told)
    {
        Assert.Equal(2, await _cli.ParseAsync(line));

        Assert.Contains(told, _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_without_a_handler_is_not_offered()
    {
        Assert.Equal(2, await _cli.RunAsync(new CliHandlers(), "cluster", "list"));
        Assert.Equal(0, await _cli.RunAsync(new CliHandlers(), "--help"));

        Assert.DoesNotContain("cluster", _cli.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_is_aligned_when_nobody_looks_at_a_terminal()
    {
        await _cli.RunAsync(
            Listing((output, _) =>
            {
                output.WriteTable(["name", "n"], [["a-long-name", "1"], ["b", "20"]]);
                return Task.FromResult(0);
            }),
            "cluster",
            "list");

        Assert.Equal(["name         n", "a-long-name  1", "b            20", ""], _cli.Output.Split(Environment.NewLine));
    }

    private static CliHandlers Listing(Func<CliOutput, CancellationToken, Task<int>> handle) => new()
    {
        ListClusters = (_, output, cancellationToken) => handle(output, cancellationToken),
    };
}
