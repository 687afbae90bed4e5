using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RingKeeper.IntegrationTests.Servers;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Health;

public sealed class PingProbeTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_server_that_answers_is_alive_over_one_connection()
    {
        await using var server = await RedisServer.StartAsync();
        await using var probe = new PingProbe(server.Addr, null);

        for (var i = 0; i < 5; i++)
        {
            var result = await ProbeAsync(probe);
            Assert.Equal((ProbeOutcome.Alive, null, "master"), (result.Outcome, result.Detail, result.Role));
            Assert.Matches("^[0-9a-f]{40}$", result.RunId);
            Assert.InRange(result.Rtt!.Value, TimeSpan.Zero, Soon);
        }

        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{server.Addr},allowAdmin=true");
        var pinging = (await redis.GetServers()[0].ClientListAsync()).Count(client => client.LastCommand?.StartsWith("info", StringComparison.Ordinal) == true && client.Name == "");
        Assert.Equal(1, pinging);
    }

    [Fact]
    public async Task A_killed_server_disturbs_the_idle_connection_and_then_refuses()
    {
        await using var server = await RedisServer.StartAsync();
        await using var probe = new PingProbe(server.Addr, null);
        await ProbeAsync(probe);
        var disturbed = probe.WaitForDisturbanceAsync(default);
        Assert.False(disturbed.IsCompleted);

        await server.KillAsync();

        await disturbed.WaitAsync(Soon);
        Assert.Equal(ProbeOutcome.Refused, (await ProbeAsync(probe)).Outcome);
        await server.RestartAsync();
        Assert.Equal(ProbeOutcome.Alive, (await ProbeAsync(probe)).Outcome);
    }

    [Fact]
    public async Task A_hung_server_lets_the_deadline_end_the_probe()
    {
        await using var server = await RedisServer.StartAsync();
        await using var probe = new PingProbe(server.Addr, null);
        await ProbeAsync(probe);
        server.Pause();
        try
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe.ProbeAsync(deadline.Token).AsTask());
        }
        finally
        {
            server.Resume();
        }

        Assert.Equal(ProbeOutcome.Alive, (await ProbeAsync(probe)).Outcome);
    }

    [Fact]
    public async Task A_probe_that_was_given_up_leaves_no_exception_that_nobody_observed()
    {
        var unobserved = new ConcurrentQueue<Exception>();
        void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            if (e.Exception.InnerException is ProbeException)
            {
                unobserved.Enqueue(e.Exception);
            }
        }

        TaskScheduler.UnobservedTaskException += OnUnobserved;
        try
        {
            await GiveUpAsync();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= OnUnobserved;
        }

        Assert.Empty(unobserved);
    }

    [Theory]
    [InlineData(null, null, ProbeOutcome.Misconfigured)]
    [InlineData(null, "wrong", ProbeOutcome.Misconfigured)]
    [InlineData("nobody", "right-password", ProbeOutcome.Misconfigured)]
    [InlineData(null, "right-password", ProbeOutcome.Alive)]
    [InlineData("default", "right-password", ProbeOutcome.Alive)]
    public async Task User_and_password_come_from_ConfigureRedis_and_never_show(string? user, string? password, ProbeOutcome expected)
    {
        await using var server = await RedisServer.StartAsync(["--requirepass", "right-password"]);
        await using var probe = new PingProbe(server.Addr, options => (options.User, options.Password) = (user, password));

        var result = await ProbeAsync(probe);

        Assert.Equal(expected, result.Outcome);
        Assert.DoesNotContain(password ?? "right-password", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_for_a_server_without_one_does_not_matter()
    {
        await using var server = await RedisServer.StartAsync();
        await using var probe = new PingProbe(server.Addr, options => options.Password = "unneeded");

        Assert.Equal(ProbeOutcome.Alive, (await ProbeAsync(probe)).Outcome);
    }

    [Fact]
    public async Task A_user_without_the_right_to_ping_is_a_configuration_error()
    {
        await using var server = await RedisServer.StartAsync(["--user", "weak", "on", ">weak-password", "-@all"]);
        await using var probe = new PingProbe(server.Addr, options => (options.User, options.Password) = ("weak", "weak-password"));

        Assert.Equal(ProbeOutcome.Misconfigured, (await ProbeAsync(probe)).Outcome);
    }

    [Fact]
    public async Task A_server_busy_with_a_script_is_alive_but_slow()
    {
        await using var server = await RedisServer.StartAsync(["--busy-reply-threshold", "50"]);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.Addr);
        var endless = redis.GetDatabase().ScriptEvaluateAsync("while true do end");
        await using var probe = new PingProbe(server.Addr, null);

        var result = await ProbeAsync(probe);

        Assert.Equal(ProbeOutcome.Busy, result.Outcome);
        await server.KillAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => endless.WaitAsync(Soon));
    }

    [Fact]
    public async Task A_replica_whose_primary_is_gone_is_not_ready()
    {
        await using var server = await RedisServer.StartAsync(["--replicaof", "127.0.0.1", "1", "--replica-serve-stale-data", "no"]);
        await using var probe = new PingProbe(server.Addr, null);

        Assert.Equal(ProbeOutcome.Unready, (await ProbeAsync(probe)).Outcome);
    }

    [Fact]
    public async Task An_answer_that_trickles_in_is_read()
    {
        await using var listener = new AnsweringListener(async (stream, stop) =>
        {
            await stream.ReadExactlyAsync(new byte[14], stop);
            foreach (var piece in "+PONG\r\n$13\r\nrole:master\r\n\r\n$8\r\nrun_id:7\r\n")
            {
                await stream.WriteAsync(new[] { (byte)piece }, stop);
                await stream.FlushAsync(stop);
                await Task.Yield();
            }

            await stream.ReadExactlyAsync(new byte[1000], stop);
        });
        await using var probe = new PingProbe(listener.Addr, null);

        var result = await ProbeAsync(probe);

        Assert.Equal((ProbeOutcome.Alive, "7", "master"), (result.Outcome, result.RunId, result.Role));
    }

    [Fact]
    public async Task An_answer_that_trickles_without_end_does_not_stretch_the_deadline()
    {
        await using var listener = new AnsweringListener(async (stream, stop) =>
        {
            // A server that gives a byte every 50 ms.
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            await stream.WriteAsync("+"u8.ToArray(), stop);
            while (await pace.WaitForNextTickAsync(stop))
            {
                await stream.WriteAsync("P"u8.ToArray(), stop);
            }
        });
        await using var probe = new PingProbe(listener.Addr, null);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(400));
        var clock = Stopwatch.StartNew();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe.ProbeAsync(deadline.Token).AsTask());

        // The line's own limit, 1024 bytes, would end it after 51 s.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"It took {clock.Elapsed}.");
    }

    [Fact]
    public async Task Garbage_is_a_failed_probe_and_the_next_one_asks_on_a_new_connection()
    {
        await using var listener = new AnsweringListener(async (stream, stop) =>
        {
            await stream.ReadExactlyAsync(new byte[14], stop);
            await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), stop);
            await stream.ReadExactlyAsync(new byte[1000], stop);
        });
        await using var probe = new PingProbe(listener.Addr, null);

        Assert.Equal(ProbeOutcome.Garbage, (await ProbeAsync(probe)).Outcome);
        Assert.Equal(ProbeOutcome.Garbage, (await ProbeAsync(probe)).Outcome);
        Assert.Equal(2, listener.Accepted);
    }

    [Fact]
    public async Task A_server_that_speaks_unasked_is_not_trusted()
    {
        await using var listener = new AnsweringListener(async (stream, stop) =>
        {
            await stream.ReadExactlyAsync(new byte[14], stop);
            await stream.WriteAsync("+PONG\r\n$0\r\n\r\n$0\r\n\r\n+PONG\r\n"u8.ToArray(), stop);
            await stream.ReadExactlyAsync(new byte[1000], stop);
        });
        await using var probe = new PingProbe(listener.Addr, null);
        await ProbeAsync(probe);

        await probe.WaitForDisturbanceAsync(default).WaitAsync(Soon);
        await ProbeAsync(probe);

        Assert.Equal(2, listener.Accepted);
    }

    [Fact]
    public async Task A_connection_that_is_closed_at_once_is_told_from_a_refusal()
    {
        await using var listener = new AnsweringListener((_, _) => Task.CompletedTask);
        await using var probe = new PingProbe(listener.Addr, null);

        Assert.Equal(ProbeOutcome.Closed, (await ProbeAsync(probe)).Outcome);
    }

    [Fact]
    public async Task A_server_that_turns_the_client_away_before_it_asks_is_heard()
    {
        await using var listener = new AnsweringListener(async (stream, stop) =>
        {
            await stream.WriteAsync("-ERR max number of clients reached\r\n"u8.ToArray(), stop);
            stream.Socket.Shutdown(SocketShutdown.Send);
            await stream.ReadExactlyAsync(new byte[1000], stop);
        });
        await using var probe = new PingProbe(listener.Addr, null);

        var result = await ProbeAsync(probe);

        Assert.Equal((ProbeOutcome.Failed, "ERR max number of clients reached"), (result.Outcome, result.Detail));
    }

    [Theory]
    [InlineData(true, ProbeOutcome.Alive)]
    [InlineData(false, ProbeOutcome.Misconfigured)]
    public async Task TLS_takes_the_clients_own_validation_of_the_certificate(bool trusted, ProbeOutcome expected)
    {
        using var key = ECDsa.Create();
        using var certificate = new CertificateRequest("CN=shard", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var folder = new TemporaryFolder("tls");
        var (certificateFile, keyFile) = (folder.Combine("shard.crt"), folder.Combine("shard.key"));
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
        var port = FreePort.Next();
        await using var server = await RedisServer.StartAsync(
            ["--tls-port", $"{port}", "--tls-cert-file", certificateFile, "--tls-key-file", keyFile, "--tls-auth-clients", "no"]);
        await using var probe = new PingProbe($"127.0.0.1:{port}", options =>
        {
            options.Ssl = true;
            if (trusted)
            {
                options.CertificateValidation += (_, shown, _, _) => shown?.GetCertHashString() == certificate.GetCertHashString();
            }
        });

        Assert.Equal(expected, (await ProbeAsync(probe)).Outcome);
    }

    [Fact]
    public async Task A_ConfigureRedis_that_throws_is_a_configuration_error_without_its_message()
    {
        await using var server = await RedisServer.StartAsync();
        await using var probe = new PingProbe(server.Addr, _ => throw new InvalidOperationException("hunter2"));

        var result = await ProbeAsync(probe);

        Assert.Equal(ProbeOutcome.Misconfigured, result.Outcome);
        Assert.DoesNotContain("hunter2", result.ToString(), StringComparison.Ordinal);
    }

    private static async Task<ProbeResult> ProbeAsync(PingProbe probe)
    {
        using var deadline = new CancellationTokenSource(Soon);
        return await probe.ProbeAsync(deadline.Token);
    }

    // A method of its own, so that nothing of the probe can be reached once it returns.
    private static async Task GiveUpAsync()
    {
        await using var server = await RedisServer.StartAsync();
        await using var probe = new PingProbe(server.Addr, null);
        await ProbeAsync(probe);
        server.Pause();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe.ProbeAsync(deadline.Token).AsTask());
    }
}
