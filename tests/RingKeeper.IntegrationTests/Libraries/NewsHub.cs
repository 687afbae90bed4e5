using Microsoft.AspNetCore.SignalR;

namespace RingKeeper.IntegrationTests.Libraries;

/// <summary>A hub of two servers: tells all, a group or a user, whichever server they are connected to.</summary>
public sealed class NewsHub : Hub
{
    public Task Join(string connection, string group) => Groups.AddToGroupAsync(connection, group);

    public Task Leave(string connection, string group) => Groups.RemoveFromGroupAsync(connection, group);

    public Task TellAll(string news) => Clients.All.SendAsync("news", news);

    public Task TellGroup(string group, string news) => Clients.Group(group).SendAsync("news", news);

    public Task TellUser(string user, string news) => Clients.User(user).SendAsync("news", news);
}
