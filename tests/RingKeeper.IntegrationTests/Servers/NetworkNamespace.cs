using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>
/// A machine of its own as far as the network goes: a namespace at the other end of a virtual cable. What it sends to one of this side's two
/// addresses can be made to vanish, silently, as on a network that is cut. Needs root.
/// </summary>
public sealed class NetworkNamespace : IAsyncDisposable
{
    private const string Prefix = "ringkeeper-";
    private const string Inside = "cable";

    // Nobody has this address, so what is sent to it is received by nobody.
    private const string NobodysMac = "02:00:00:00:00:01";

    private static int _made;

    private readonly string _name;
    private readonly string _outside;

    private NetworkNamespace(string name, string outside, IPAddress first, IPAddress second)
    {
        _name = name;
        _outside = outside;
        First = first;
        Second = second;
    }

    /// <summary>Gets an address of this side for servers.</summary>
    public IPAddress First { get; }

    /// <summary>Gets a second one, so that either can be cut off alone.</summary>
    public IPAddress Second { get; }

    /// <summary>Gets the program and arguments that run what follows inside.</summary>
    public IReadOnlyList<string> Enter => ["nsenter", $"--net=/run/netns/{_name}"];

    /// <summary>Makes a namespace and its cable.</summary>
    public static async Task<NetworkNamespace> CreateAsync()
    {
        await RemoveLeftOversAsync();
        var number = Interlocked.Increment(ref _made);
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{number}");
        var outside = string.Create(CultureInfo.InvariantCulture, $"rk{Environment.ProcessId}n{number}");
        var net = FreeNet();
        var made = new NetworkNamespace(name, outside, Host(net, 1), Host(net, 2));
        await IpAsync("netns", "add", name);
        try
        {
            await IpAsync("link", "add", outside, "type", "veth", "peer", "name", Inside, "netns", name);
            await IpAsync("address", "add", $"{made.First}/29", "dev", outside);
            await IpAsync("address", "add", $"{made.Second}/29", "dev", outside);
            await IpAsync("link", "set", outside, "up");
            await made.InsideAsync("address", "add", $"{Host(net, 3)}/29", "dev", Inside);
            await made.InsideAsync("link", "set", Inside, "up");
            await made.InsideAsync("link", "set", "lo", "up");
            return made;
        }
        catch
        {
            // The cable goes with the namespace that holds its other end.
            await IpAsync("netns", "delete", name);
            throw;
        }
    }

    /// <summary>Lets everything vanish that is sent from inside to an address of this side.</summary>
    public Task CutAsync(IPAddress address) => InsideAsync("neighbour", "replace", $"{address}", "lladdr", NobodysMac, "dev", Inside, "nud", "permanent");

    /// <summary>Lets it arrive again; nothing happens where nothing was cut.</summary>
    public async Task MendAsync(IPAddress address)
    {
        // Also what the kernel learned goes: it learns again.
        if ((await InsideAsync("neighbour", "show", "to", $"{address}", "dev", Inside)).Length > 0)
        {
            await InsideAsync("neighbour", "delete", $"{address}", "dev", Inside);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Before the namespace, which the kernel takes apart some time later.
        await IpAsync("link", "delete", _outside);
        await IpAsync("netns", "delete", _name);
    }

    // A run that was killed could not tidy up.
    private static async Task RemoveLeftOversAsync()
    {
        foreach (var name in (await IpAsync("netns", "list")).Split('\n').Select(line => line.Split(' ')[0]).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (!Directory.Exists($"/proc/{name[Prefix.Length..].Split('-')[0]}"))
            {
                await IpAsync("netns", "delete", name);
            }
        }
    }

    // Out of the range that is set aside for tests of networks (RFC 2544), so that nobody's real network is hidden.
    private static int FreeNet()
    {
        var taken = NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address).ToHashSet();
        for (var net = Environment.ProcessId % 0x4000; ; net = (net + 1) % 0x4000)
        {
            if (!taken.Contains(Host(net, 1)))
            {
                return net;
            }
        }
    }

    private static IPAddress Host(int net, int number) => new([198, (byte)(18 + (net >> 13)), (byte)(net >> 5), (byte)(((net & 31) << 3) + number)]);

    private Task<string> InsideAsync(params string[] arguments) => IpAsync(["-n", _name, .. arguments]);

    private static Task<string> IpAsync(params string[] arguments) => SystemCommand.RunAsync("ip", "iproute2", arguments);
}
