using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace RingKeeper.Tests.DependencyInjection;

/// <summary>How options are read from the configuration, and what is said when something is wrong with them.</summary>
public sealed class RingKeeperOptionsTests
{
    [Fact]
    public void Every_setting_is_read_from_json()
    {
        var options = Read(Json("""
            {
              "RingKeeper": {
                "ZKServers": "zk1:2181,zk2:2181/prod",
                "ClusterName": "orders",
                "ZKTimeout": "00:00:04",
                "StartTimeout": "00:01:00",
                "DigestCredentials": "app:s3cret",
                "Redis": "user=app,password=s3cret",
                "ReadyTimeout": "00:00:00.500",
                "ConnectTimeout": "00:00:02",
                "DrainTimeout": "00:00:00",
                "StaleViewAfter": "00:02:00",
                "StaleViewPolicy": "refuse",
                "SnapshotFile": "orders.view",
                "TrustSnapshot": true,
                "Checker": { "Interval": "00:00:00.250", "Threshold": "00:00:01", "WorkerCount": 8, "RecountInterval": "00:00:03", "Redis": "user=probe", "Id": "checker-1" }
              }
            }
            """));

        Assert.Equal("zk1:2181,zk2:2181/prod", options.ZKServers);
        Assert.Equal("orders", options.ClusterName);
        Assert.Equal(TimeSpan.FromSeconds(4), options.ZKTimeout);
        Assert.Equal(TimeSpan.FromMinutes(1), options.StartTimeout);
        Assert.Equal("app:s3cret", options.DigestCredentials);
        Assert.Equal("user=app,password=s3cret", options.Redis);
        Assert.Equal(TimeSpan.FromMilliseconds(500), options.ReadyTimeout);
        Assert.Equal(TimeSpan.FromSeconds(2), options.ConnectTimeout);
        Assert.Equal(TimeSpan.Zero, options.DrainTimeout);
        Assert.Equal((TimeSpan.FromMinutes(2), StaleViewPolicy.Refuse), (options.StaleViewAfter, options.StaleViewPolicy));
        Assert.Equal(("orders.view", true), (options.SnapshotFile, options.TrustSnapshot));
        Assert.Equal(TimeSpan.FromMilliseconds(250), options.Checker.Interval);
        Assert.Equal(TimeSpan.FromSeconds(1), options.Checker.Threshold);
        Assert.Equal(8, options.Checker.WorkerCount);
        Assert.Equal(TimeSpan.FromSeconds(3), options.Checker.RecountInterval);
        Assert.Equal("user=probe", options.Checker.Redis);
        Assert.Equal("checker-1", options.Checker.Id);
    }

    [Fact]
    public void A_property_that_can_be_set_and_is_not_code_is_a_setting()
    {
        // So that an option that comes later is not forgotten: a section that names it would be refused.
        var scalars = typeof(RingKeeperOptions).GetProperties().Where(p => p.CanWrite && !typeof(Delegate).IsAssignableFrom(p.PropertyType)).Select(p => p.Name);
        var ofChecker = typeof(CheckerSettings).GetProperties().Where(p => p.CanWrite && !typeof(Delegate).IsAssignableFrom(p.PropertyType)).Select(p => $"Checker:{p.Name}");
        var present = new ConfigurationBuilder().AddInMemoryCollection([.. scalars.Concat(ofChecker).Select(name => KeyValuePair.Create($"RingKeeper:{name}", (string?)null))]).Build();
        var options = new RingKeeperOptions();
        SettingsReader.Read(present.GetSection("RingKeeper"), options);

        Assert.Equal([], options.Flaws);
    }

    [Fact]
    public void Names_of_settings_may_be_written_in_any_case_and_nulls_leave_the_default()
    {
        var options = Read(Json("""{ "RingKeeper": { "zkservers": "zk1", "CLUSTERNAME": "orders", "ZKTimeout": null, "Redis": null, "Checker": null } }"""));

        Assert.Equal("zk1", options.ZKServers);
        Assert.Equal("orders", options.ClusterName);
        Assert.Equal(TimeSpan.FromSeconds(10), options.ZKTimeout);
        Assert.Null(options.Redis);
    }

    [Fact]
    public void Code_comes_after_the_section()
    {
        var services = new ServiceCollection();
        services.AddRingKeeper(Memory(("ZKServers", "zk1"), ("ClusterName", "orders")), o => o.ClusterName = "tests");
        services.Configure<RingKeeperOptions>(o => o.ZKServers = "127.0.0.1:4000");
        var options = Build(services).GetRequiredService<IOptions<RingKeeperOptions>>().Value;

        Assert.Equal("tests", options.ClusterName);
        Assert.Equal("127.0.0.1:4000", options.ZKServers);
    }

    [Fact]
    public void Clusters_under_keys_have_options_of_their_own()
    {
        var services = new ServiceCollection();
        services.AddKeyedRingKeeper("orders", Memory(("ZKServers", "zk1"), ("ClusterName", "orders-eu")));
        services.AddKeyedRingKeeper("users", o => (o.ZKServers, o.ClusterName) = ("zk2", "users-eu"));
        var provider = Build(services);
        var options = provider.GetRequiredService<IOptionsMonitor<RingKeeperOptions>>();

        Assert.Equal("zk1", options.Get("orders").ZKServers);
        Assert.Equal("zk2", options.Get("users").ZKServers);
        Assert.Equal("orders-eu", provider.GetRequiredKeyedService<ZKCluster>("orders").Name);
        Assert.Equal("users-eu", provider.GetRequiredKeyedService<ZKCluster>("users").Name);

        // Nothing is registered without a key, and so nothing is missing there.
        Assert.Null(options.CurrentValue.ClusterName);
        Assert.Null(provider.GetService<ZKCluster>());
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once_by_the_path_of_its_setting()
    {
        var failures = FailuresOf(services => services.AddRingKeeper(Memory(
            ("ZKServers", "zk1:99999"),
            ("ClusterName", "a/b"),
            ("ZKTimeout", "10"),
            ("StartTimeout", "soon"),
            ("ConnectTimeout", "00:00:00"),
            ("DrainTimeout", "-00:00:01"),
            ("StaleViewPolicy", "1"),
            ("SnapshotFile", " "),
            ("TrustSnapshot", "perhaps"),
            ("Colour", "red"),
            ("Checker:Interval", "2.00:00:00"),
            ("Checker:WorkerCount", "many"),
            ("Checker:Threshhold", "00:00:02"))));

        Assert.Collection(
            failures.Order(StringComparer.Ordinal),
            f => Assert.StartsWith("RingKeeper:Checker:Interval is 2.00:00:00. Set it to a time from one millisecond to one day", f, StringComparison.Ordinal),
            f => Assert.Equal("RingKeeper:Checker:Threshhold is not a setting; there are Interval, Threshold, WorkerCount, RecountInterval, Redis, Id. Correct its name or remove it.", f),
            f => Assert.Equal("RingKeeper:Checker:WorkerCount is 'many', which is not a whole number. Write it in digits, e.g. 4.", f),
            f => Assert.Equal("RingKeeper:ClusterName is 'a/b'. 'a/b' cannot be the name of a cluster: it must be one step of a ZooKeeper path.", f),
            f => Assert.StartsWith("RingKeeper:Colour is not a setting; there are ZKServers, ClusterName, ", f, StringComparison.Ordinal),
            f => Assert.StartsWith("RingKeeper:ConnectTimeout is 00:00:00. Set it to a time from one millisecond", f, StringComparison.Ordinal),
            f => Assert.StartsWith("RingKeeper:DrainTimeout is -00:00:01. Set it to a time from zero", f, StringComparison.Ordinal),
            f => Assert.Equal("RingKeeper:SnapshotFile is ' ', which names no file. Set it to the path of a file, or leave it out.", f),
            f => Assert.Equal("RingKeeper:StaleViewPolicy is '1', which is not one of ServeOn, MissReads, Refuse. Write one of these names.", f),
            f => Assert.StartsWith("RingKeeper:StartTimeout is 'soon', which is not a time. Write it as hh:mm:ss", f, StringComparison.Ordinal),
            f => Assert.Equal("RingKeeper:TrustSnapshot is 'perhaps', which is not true or false. Write true or false.", f),
            f => Assert.StartsWith("RingKeeper:ZKServers is 'zk1:99999'. The ZooKeeper connect string is invalid: '99999' in 'zk1:99999' is not a port", f, StringComparison.Ordinal),
            f => Assert.StartsWith("RingKeeper:ZKTimeout is '10', which is not a time.", f, StringComparison.Ordinal));
    }

    [Fact]
    public void Options_set_in_code_are_named_by_their_properties_and_key()
    {
        Assert.Equal(
            ["RingKeeperOptions.ZKServers is missing. Name the ZooKeeper servers, e.g. zk1:2181,zk2:2181,zk3:2181.", "RingKeeperOptions.ClusterName is missing. Name the cluster, as 'ringkeeper cluster create NAME' did."],
            FailuresOf(services => services.AddRingKeeper(_ => { })));
        Assert.StartsWith(
            "RingKeeperOptions.Checker.WorkerCount of 'orders' is 0. ",
            Assert.Single(FailuresOf(services => services.AddKeyedRingKeeper("orders", Valid).AddChecker(c => c.WorkerCount = 0))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_section_that_is_missing_is_told_by_its_first_setting() =>
        Assert.StartsWith(
            "Apps:Rings:ZKServers is missing.",
            FailuresOf(services => services.AddRingKeeper(new ConfigurationBuilder().Build().GetSection("Apps:Rings")))[0],
            StringComparison.Ordinal);

    [Fact]
    public void Lists_and_sections_in_the_place_of_values_and_the_reverse_are_refused()
    {
        var failures = FailuresOf(services => services.AddRingKeeper(Json("""
            { "RingKeeper": { "ZKServers": ["zk1", "zk2"], "ClusterName": "orders", "ZKTimeout": { "Seconds": 4 }, "Checker": "on" } }
            """)));

        Assert.Collection(
            failures.Order(StringComparer.Ordinal),
            f => Assert.StartsWith("RingKeeper:Checker is a value and must be a section with settings: Interval,", f, StringComparison.Ordinal),
            f => Assert.StartsWith("RingKeeper:ZKServers is a list or a section and must be one text.", f, StringComparison.Ordinal),
            f => Assert.StartsWith("RingKeeper:ZKTimeout is a list or a section and must be a time.", f, StringComparison.Ordinal));
    }

    [Fact]
    public void Secrets_stand_in_no_message_and_no_description()
    {
        const string secret = "hunter2";
        var failures = FailuresOf(services => services.AddRingKeeper(
            Memory(("ZKServers", "zk1"), ("ClusterName", "orders"), ("DigestCredentials", secret), ("Redis", $"pasword={secret}"), ("Checker:Redis", $"localhost,password={secret}"))));

        Assert.Equal(3, failures.Count);
        Assert.Contains(failures, f => f.StartsWith("RingKeeper:DigestCredentials is not of the form 'user:password'.", StringComparison.Ordinal));
        Assert.Contains(failures, f => f.StartsWith("RingKeeper:Redis contains a setting that is not taken.", StringComparison.Ordinal));
        Assert.Contains(failures, f => f.StartsWith("RingKeeper:Checker:Redis contains something other than name=value.", StringComparison.Ordinal));
        Assert.DoesNotContain(secret, string.Concat(failures), StringComparison.Ordinal);

        var options = new RingKeeperOptions { ZKServers = "zk1", ClusterName = "orders", DigestCredentials = $"app:{secret}", Redis = $"password={secret}" };
        options.Checker.Redis = $"password={secret}";
        Assert.Equal("cluster orders on zk1 (session timeout 00:00:10, digest yes, no TLS, no SASL, Redis settings yes)", options.ToString());
        Assert.DoesNotContain(secret, options.Checker.ToString(), StringComparison.Ordinal);
    }

    private static void Valid(RingKeeperOptions options) => (options.ZKServers, options.ClusterName) = ("zk1:2181", "orders");

    private static RingKeeperOptions Read(IConfigurationSection section)
    {
        var services = new ServiceCollection();
        services.AddRingKeeper(section);
        return Build(services).GetRequiredService<IOptions<RingKeeperOptions>>().Value;
    }

    // As a host validates them when it starts.
    private static List<string> FailuresOf(Action<IServiceCollection> register)
    {
        var services = new ServiceCollection();
        register(services);
        return [.. Assert.Throws<OptionsValidationException>(Build(services).GetRequiredService<IStartupValidator>().Validate).Failures];
    }

    private static ServiceProvider Build(ServiceCollection services) =>
        services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

    private static IConfigurationSection Json(string json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build().GetSection("RingKeeper");

    private static IConfigurationSection Memory(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create($"RingKeeper:{s.Key}", (string?)s.Value))).Build().GetSection("RingKeeper");
}
