using System.CommandLine;
using Microsoft.Extensions.Logging;
using RingKeeper.Cli.Configuration;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>demo</c> was asked: everything in this process, or servers that are there.</summary>
/// <param name="ZooKeeper">The ZooKeeper servers, or null for one in this process.</param>
/// <param name="Redis">The Redis servers, or none for ones in this process.</param>
/// <param name="RedisSettings">Credentials for the given Redis servers.</param>
/// <param name="Json">Whether the result is written as JSON.</param>
/// <param name="Keep">Whether the cluster stays until Ctrl-C.</param>
/// <param name="Dashboard">Whether a page shows it meanwhile.</param>
/// <param name="Log">What its checkers and clients log.</param>
internal sealed record DemoRequest(ZooKeeperAccess? ZooKeeper, IReadOnlyList<string> Redis, RedisSettings RedisSettings, bool Json, bool Keep, bool Dashboard, LogSettings Log);

internal static class DemoCommand
{
    private const int LeastShards = 2;

    public static Command Build(CliContext context, CommandHandler<DemoRequest> handler)
    {
        var zooKeeper = context.ZooKeeper.Option;
        var redis = new Option<string[]>("--redis")
        {
            Description = "Redis servers that are there, A,B,C; the demo writes to them and needs --zookeeper too.",
            HelpName = "ADDRS",
            CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries))],
        };
        redis.Validators.Add(result =>
        {
            foreach (var addr in result.GetValueOrDefault<string[]>() ?? [])
            {
                if (!ShardAddress.TryParse(addr, out _))
                {
                    result.AddError($"'{addr}' is not the address of a Redis server. Write --redis host:port,host:port.");
                }
            }
        });
        var json = Arguments.Json();
        var keep = new Option<bool>("--keep") { Description = "Keeps the cluster running at the end, until Ctrl-C." };
        var dashboard = new Option<bool>("--dashboard") { Description = "Serves a page that shows it live, on this machine, and says where." };

        var command = new Command("demo", "Shows a cluster failing over and back, in this process or on the servers given.") { redis, json, keep, dashboard };
        command.Validators.Add(result =>
        {
            // The variable does not count here: a demo must not touch a real ensemble that was never named to it.
            if ((result.GetResult(zooKeeper) is null) != (result.GetResult(redis) is null))
            {
                result.AddError("--zookeeper and --redis come together: give both, or neither for servers in this process.");
            }
            else if (result.GetResult(redis) is { } given && (given.GetValueOrDefault<string[]>()?.Distinct(StringComparer.Ordinal).Count() ?? 0) < LeastShards)
            {
                result.AddError($"--redis needs at least {LeastShards} different servers.");
            }
        });
        var log = new LogOptions(command, LogLevel.None);
        return context.Bind(
            command,
            parsed => new DemoRequest(
                context.ZooKeeper.Given(parsed),
                parsed.GetValue(redis) ?? [],
                parsed.GetResult(redis) is null ? RedisVariable.Read(context.Environment.GetVariable) : context.ReadRedis(parsed),
                parsed.GetValue(json),
                parsed.GetValue(keep),
                parsed.GetValue(dashboard),
                log.Read(parsed, CliConfiguration.None)),
            handler,
            "ringkeeper demo",
            "ringkeeper demo --dashboard --keep",
            "ringkeeper demo --zookeeper 127.0.0.1:2181 --redis 127.0.0.1:6379,127.0.0.1:6380,127.0.0.1:6381");
    }
}
