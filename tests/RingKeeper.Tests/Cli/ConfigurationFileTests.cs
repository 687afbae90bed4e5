using System.Net;
using Microsoft.Extensions.Logging;
using RingKeeper.Cli;
using RingKeeper.Cli.Commands;
using Xunit;

namespace RingKeeper.Tests.Cli;

/// <summary>Option before environment before file before default, for each setting; and files that are refused.</summary>
public sealed class ConfigurationFileTests : IDisposable
{
    private readonly CliRun _cli = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ringkeeper-config-");

    public ConfigurationFileTests() => _cli.Variables.Clear();

    public void Dispose()
    {
        _cli.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Without_anything_else_the_file_counts_and_names_the_cluster()
    {
        var file = Write(
            """
            { "zookeeper": { "servers": "file:1", "digest": "file:secret", "sessionTimeout": "7s" }, "redis": "user=file",
              "checker": { "cluster": "filed", "interval": "3s", "threshold": "9s", "workers": 3, "http": ":3" }, "log": { "level": "error", "format": "json" } }
            """);

        var request = await ParseAsync<CheckerRequest>($"checker --config {file}");

        Assert.Equal(new ZooKeeperAccess("file:1", "file:secret", TimeSpan.FromSeconds(7)), request.ZooKeeper);
        Assert.Equal(("filed", TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(9), 3, TimeSpan.FromSeconds(7)), (request.Name, request.Interval, request.Threshold, request.WorkerCount, request.SessionTimeout));
        Assert.Equal((new IPEndPoint(IPAddress.Loopback, 3), new LogSettings(LogLevel.Error, LogFormat.Json), "user"), (request.Http, request.Log, $"{request.Redis}"));
        _cli.Variables["RINGKEEPER_CONFIG"] = file;
        Assert.Equal("file:1", (await ParseAsync<ShowClusterRequest>("cluster show c")).ZooKeeper.Servers);
    }

    [Fact]
    public async Task The_environment_comes_before_the_file_and_an_option_before_both()
    {
        var file = Write(
            """
            { "zookeeper": { "servers": "file:1", "digest": "file:secret" }, "redis": "user=file,ssl=true",
              "checker": { "cluster": "filed", "interval": "3s", "threshold": "9s", "workers": 3, "http": ":3" }, "log": { "level": "error", "format": "json" } }
            """);
        _cli.Variables["RINGKEEPER_ZOOKEEPER"] = "variable:1";
        _cli.Variables["RINGKEEPER_ZOOKEEPER_AUTH"] = "variable:secret";
        _cli.Variables["RINGKEEPER_REDIS"] = "name=variable";

        var byVariable = await ParseAsync<CheckerRequest>($"checker --config {file}");
        var byOption = await ParseAsync<CheckerRequest>(
            $"checker given --config {file} --zookeeper option:1 --interval 1s --threshold 4s --workers 4 --session-timeout 5s --http 10.0.0.1:9 --log-level trace --log-format text");

        Assert.Equal((new ZooKeeperAccess("variable:1", "variable:secret"), "name"), (byVariable.ZooKeeper, $"{byVariable.Redis}"));
        Assert.Equal(("option:1", "given", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4), 4), (byOption.ZooKeeper.Servers, byOption.Name, byOption.Interval, byOption.Threshold, byOption.WorkerCount));
        Assert.Equal((TimeSpan.FromSeconds(5), IPEndPoint.Parse("10.0.0.1:9"), new LogSettings(LogLevel.Trace, LogFormat.Text)), (byOption.SessionTimeout, byOption.Http, byOption.Log));
    }

    [Fact]
    public async Task Without_file_and_options_the_defaults_count()
    {
        var request = await ParseAsync<CheckerRequest>("checker c --zookeeper z:1");

        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), 4, TimeSpan.FromSeconds(4)), (request.Interval, request.Threshold, request.WorkerCount, request.SessionTimeout));
        Assert.Equal((null, new LogSettings(LogLevel.Information, LogFormat.Text), null), (request.Http, request.Log, request.ZooKeeper.Digest));
    }

    [Fact]
    public async Task A_demo_takes_no_ensemble_from_the_file_but_the_credentials_for_one_that_is_named()
    {
        _cli.Variables["RINGKEEPER_CONFIG"] = Write("""{ "zookeeper": { "servers": "file:1", "digest": "file:secret" }, "redis": "user=file" }""");

        Assert.Null((await ParseAsync<DemoRequest>("demo")).ZooKeeper);
        var named = await ParseAsync<DemoRequest>("demo --zookeeper z:1 --redis h:1,h:2");
        Assert.Equal((new ZooKeeperAccess("z:1", "file:secret"), "user"), (named.ZooKeeper, $"{named.RedisSettings}"));
    }

    [Theory]
    [InlineData("""{ "redis": "password=hunter2" }""", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, "mode 640")]
    [InlineData("""{ "zookeeper": { "digest": "u:hunter2" } }""", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite, "mode 602")]
    public async Task A_file_with_a_secret_that_others_may_read_or_change_is_refused_with_what_to_run(string json, UnixFileMode mode, string named)
    {
        var file = Write(json, mode);

        Assert.Equal(2, await _cli.ParseAsync($"status c --zookeeper z:1 --config {file}"));

        Assert.Contains(named, _cli.Error, StringComparison.Ordinal);
        Assert.Contains($"chmod 600 {file}", _cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", _cli.Error, StringComparison.Ordinal);
        Assert.Null(_cli.Request);
    }

    [Fact]
    public async Task A_file_without_secrets_may_be_read_by_all()
    {
        var file = Write("""{ "zookeeper": { "servers": "file:1" } }""", UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        Assert.Equal("file:1", (await ParseAsync<StatusRequest>($"status c --config {file}")).ZooKeeper.Servers);
    }

    [Fact]
    public async Task A_credential_of_systemd_is_taken_as_systemd_gives_it()
    {
        var file = Write("""{ "zookeeper": { "servers": "z:1", "digest": "u:p" } }""", UnixFileMode.UserRead | UnixFileMode.GroupRead);
        _cli.Variables["CREDENTIALS_DIRECTORY"] = _folder.FullName;

        Assert.Equal("u:p", (await ParseAsync<StatusRequest>($"status c --config {file}")).ZooKeeper.Digest);
    }

    [Theory]
    [InlineData("status c --zookeeper z:1 --config /nowhere/rk.json", "/nowhere/rk.json cannot be read")]
    [InlineData("status c --zookeeper z:1 --config /tmp", "/tmp cannot be read")]
    [InlineData("status c --zookeeper z:1 --config /dev/zero", "/dev/zero is longer than 1024 KiB")]
    [InlineData("checker --zookeeper z:1", "No cluster is named")]
    [InlineData("status c --zookeeper u:hunter2@z:1", "hold an '@'")]
    [InlineData("checker c --zookeeper z:1 --http 8080", "--http: '8080'")]
    [InlineData("checker c --zookeeper z:1 --log-level loud", "loud")]
    [InlineData("checker c --zookeeper z:1 --log-format xml", "xml")]
    public async Task What_cannot_be_used_is_wrong_use(string line, string named)
    {
        Assert.Equal(2, await _cli.ParseAsync(line));

        Assert.Contains(named, _cli.Error, StringComparison.Ordinal);
        Assert.Null(_cli.Request);
    }

    [Theory]
    [InlineData("hunter2")]
    [InlineData(":hunter2")]
    [InlineData("user:")]
    public async Task Credentials_in_the_environment_are_user_and_password_and_are_not_quoted(string value)
    {
        _cli.Variables["RINGKEEPER_ZOOKEEPER_AUTH"] = value;

        Assert.Equal(2, await _cli.ParseAsync("status c --zookeeper z:1"));
        Assert.Contains("RINGKEEPER_ZOOKEEPER_AUTH", _cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", _cli.Error, StringComparison.Ordinal);
    }

    private string Write(string json, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var file = Path.Combine(_folder.FullName, "rk.json");
        File.WriteAllText(file, json);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, mode);
        }

        return file;
    }

    private async Task<T> ParseAsync<T>(string line)
    {
        var code = await _cli.ParseAsync(line);
        Assert.True(code == 0, _cli.Error);
        return Assert.IsType<T>(_cli.Request);
    }
}
