using System.Net.NetworkInformation;
using System.Net.Sockets;
using RingKeeper.IntegrationTests.Decisions;
using Xunit;

namespace RingKeeper.IntegrationTests.Servers;

public sealed class NetworkNamespaceTests
{
    // Asks for one connection each from inside; an address that is cut gives none.
    private const string Connect = "import socket,sys\nfor a in sys.argv[2:]:\n try: socket.create_connection((a,int(sys.argv[1])),2); print('yes')\n except OSError: print('no')";

    [Fact]
    public async Task What_is_sent_to_an_address_that_is_cut_vanishes_and_to_the_other_one_not()
    {
        Root.Require();
        await using var network = await NetworkNamespace.CreateAsync();
        using var first = new TcpListener(network.First, FreePort.Next());
        first.Start();
        var port = ((System.Net.IPEndPoint)first.LocalEndpoint).Port;
        using var second = new TcpListener(network.Second, port);
        second.Start();

        Task<string> AskAsync() => SystemCommand.RunAsync(network.Enter[0], "util-linux", [.. network.Enter.Skip(1), "/usr/bin/python3", "-c", Connect, $"{port}", $"{network.First}", $"{network.Second}"]);
        Assert.Equal("yes\nyes\n", await AskAsync());
        await network.CutAsync(network.Second);
        Assert.Equal("yes\nno\n", await AskAsync());
        await network.MendAsync(network.Second);
        Assert.Equal("yes\nyes\n", await AskAsync());
    }

    [Fact]
    public async Task Nothing_of_it_is_left()
    {
        Root.Require();
        var network = await NetworkNamespace.CreateAsync();
        Assert.Contains(Addresses(), network.First.Equals);
        await network.DisposeAsync();
        Assert.DoesNotContain(Addresses(), network.First.Equals);
    }

    private static IEnumerable<System.Net.IPAddress> Addresses() =>
        NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address);
}
