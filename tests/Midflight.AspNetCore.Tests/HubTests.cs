using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Midflight.AspNetCore.Tests;

/// <summary>Clients of a hub stay connected while its code changes.</summary>
public sealed class HubTests
{
    public sealed record Line(string Who, string Text);

    private static string Chat(int version, string note = "") => Site.Code(
        """endpoints.MapHotHub<Chat>("/chat");""",
        $$"""
        using Microsoft.AspNetCore.SignalR;
        using System.Runtime.CompilerServices;
        using System.Threading.Channels;

        public sealed record Line(string Who, string Text{{note}});

        public sealed class Chat(ILogger<Chat> logger) : Hub
        {
            public override async Task OnConnectedAsync()
            {
                logger.LogInformation("{Id} comes", Context.ConnectionId);
                await Groups.AddToGroupAsync(Context.ConnectionId, "all");
            }

            public override async Task OnDisconnectedAsync(Exception? exception) => await Clients.Group("all").SendAsync("left", Context.UserIdentifier);

            public int Version() => {{version}};

            public async Task Say(Line line) => await Clients.Group("all").SendAsync("said", line with { Text = $"{{version}} {line.Text}" });

            public Task Tell(string user, string text) => Clients.User(user).SendAsync("said", new Line("tell", text));

            public Task Others(string text) => Clients.Others.SendAsync("said", new Line("others", text));

            public async Task<Line> Echo(Line line)
            {
                await Task.Yield();
                return line with { Who = line.Who + "!" };
            }

            public async Task<string> Ask(Line line) => (await Clients.Caller.InvokeAsync<Line>("asked", line, Context.ConnectionAborted)).Text;

            public void Fail() => throw new HubException("no");

            public void Fault() => throw new InvalidOperationException("secret");

            [Microsoft.AspNetCore.Authorization.Authorize(Roles = "nobody")]
            public int Secret() => 1;

            public async IAsyncEnumerable<Line> Count(int to, [EnumeratorCancellation] CancellationToken cancelled)
            {
                for (var i = 1; i <= to; i++)
                {
                    await Task.Yield();
                    cancelled.ThrowIfCancellationRequested();
                    yield return new Line("count", $"{i}");
                }
            }

            public ChannelReader<int> Numbers(int to)
            {
                var channel = Channel.CreateUnbounded<int>();

                for (var i = 1; i <= to; i++)
                {
                    channel.Writer.TryWrite(i);
                }

                channel.Writer.Complete();
                return channel.Reader;
            }

            public async Task<string> Sum(IAsyncEnumerable<Line> lines, string end)
            {
                var text = "";

                await foreach (var line in lines)
                {
                    text += line.Text;
                }

                return text + end;
            }
        }
        """);

    private static Task<Site> Start() => Site.Start(
        builder =>
        {
            builder.Services.AddSignalR().AddMessagePackProtocol();
            builder.Services.AddAuthentication("test").AddScheme<Microsoft.AspNetCore.Authentication.AuthenticationSchemeOptions, NamedUser>("test", null);
            builder.Services.AddAuthorization();
        },
        app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapMidflight();
        },
        Chat(1),
        Chat(2, ", string Note = \"new\""));

    private static async Task<(HubConnection Connection, ChannelReader<string> Said)> Connect(Site site, string name, bool packed = false, bool polls = false)
    {
        var said = Channel.CreateUnbounded<string>();
        var builder = new HubConnectionBuilder().WithUrl(
            $"{site.Address}chat?name={name}",
            polls ? Microsoft.AspNetCore.Http.Connections.HttpTransportType.LongPolling : Microsoft.AspNetCore.Http.Connections.HttpTransportType.WebSockets);
        var connection = (packed ? builder.AddMessagePackProtocol() : builder).Build();
        connection.On<Line>("said", line => said.Writer.TryWrite($"{line.Who}: {line.Text}"));
        connection.On<string>("left", who => said.Writer.TryWrite($"{who} left"));
        connection.On<Line, Line>("asked", line => line with { Text = line.Text + "?" });
        connection.Closed += error =>
        {
            said.Writer.TryWrite($"closed {error?.Message}");
            return Task.CompletedTask;
        };
        await connection.StartAsync();
        return (connection, said.Reader);
    }

    [Fact]
    public async Task They_stay_connected_through_upgrade_and_downgrade_with_every_message_once_and_in_order()
    {
        await using var site = await Start();
        var (ann, annHears) = await Connect(site, "ann");
        var (bob, bobHears) = await Connect(site, "bob", polls: true);
        Assert.Equal(1, await ann.InvokeAsync<int>("version"));
        using var enough = new CancellationTokenSource();
        var talking = Task.Run(async () =>
        {
            var sent = 0;

            while (!enough.IsCancellationRequested)
            {
                await ann.InvokeAsync("Say", new Line("ann", $"{++sent}"));
            }

            return sent;
        });

        await site.Install("2");
        Assert.Equal((2, 2), (await ann.InvokeAsync<int>("Version"), await bob.InvokeAsync<int>("Version")));
        await site.Install("1");
        Assert.Equal((1, 1), (await ann.InvokeAsync<int>("Version"), await bob.InvokeAsync<int>("Version")));
        await enough.CancelAsync();
        var sent = await talking;

        foreach (var heard in new[] { annHears, bobHears })
        {
            for (var i = 1; i <= sent; i++)
            {
                Assert.Matches($"^ann: [12] {i}$", await heard.ReadAsync());
            }
        }

        Assert.Equal((HubConnectionState.Connected, HubConnectionState.Connected), (ann.State, bob.State));
        await bob.StopAsync();
        Assert.Equal("bob left", await annHears.ReadAsync());
        site.AssertUnloaded();
        await ann.DisposeAsync();
    }

    [Fact]
    public async Task Their_calls_are_answered_as_SignalR_does_it()
    {
        await using var site = await Start();
        var (ann, annHears) = await Connect(site, "ann");
        var (bob, bobHears) = await Connect(site, "bob");

        Assert.Equal(new Line("x!", "y"), await ann.InvokeAsync<Line>("Echo", new Line("x", "y")));
        await ann.InvokeAsync("Tell", "bob", "psst");
        Assert.Equal("tell: psst", await bobHears.ReadAsync());
        await ann.SendAsync("Others", "all");
        Assert.Equal("others: all", await bobHears.ReadAsync());

        Assert.Equal("why?", await ann.InvokeAsync<string>("Ask", new Line("", "why")));
        Assert.EndsWith("HubException: no", (await Assert.ThrowsAsync<HubException>(() => ann.InvokeAsync("Fail"))).Message, StringComparison.Ordinal);
        Assert.Equal("An unexpected error occurred invoking 'Fault' on the server.", (await Assert.ThrowsAsync<HubException>(() => ann.InvokeAsync("Fault"))).Message);
        Assert.Contains("unauthorized", (await Assert.ThrowsAsync<HubException>(() => ann.InvokeAsync("Secret"))).Message, StringComparison.Ordinal);
        Assert.Equal("Failed to invoke 'Nothing' due to an error on the server. HubException: Method does not exist.", (await Assert.ThrowsAsync<HubException>(() => ann.InvokeAsync("Nothing"))).Message);
        Assert.StartsWith("Failed to invoke 'Echo'", (await Assert.ThrowsAsync<HubException>(() => ann.InvokeAsync("Echo", 1, 2))).Message, StringComparison.Ordinal);

        Assert.Equal(["1", "2", "3"], await ann.StreamAsync<Line>("Count", 3).Select(line => line.Text).ToListAsync());
        Assert.Equal([1, 2], await ann.StreamAsync<int>("Numbers", 2).ToListAsync());
        Assert.Equal("abc.", await ann.InvokeAsync<string>("Sum", "abc".Select(letter => new Line("", $"{letter}")).ToAsyncEnumerable(), "."));

        await foreach (var line in ann.StreamAsync<Line>("Count", int.MaxValue))
        {
            if (line.Text == "5")
            {
                break;
            }
        }

        Assert.Equal(1, await ann.InvokeAsync<int>("Version"));
        await bob.DisposeAsync();
        Assert.Equal("bob left", await annHears.ReadAsync());
        await ann.DisposeAsync();
    }

    [Fact]
    public async Task MessagePack_carries_what_is_not_of_a_hot_type()
    {
        await using var site = await Start();
        var (ann, _) = await Connect(site, "ann", packed: true);

        Assert.Equal(1, await ann.InvokeAsync<int>("Version"));
        Assert.Equal([1, 2, 3], await ann.StreamAsync<int>("Numbers", 3).ToListAsync());
        await site.Install("2");
        Assert.Equal(2, await ann.InvokeAsync<int>("Version"));
        site.AssertUnloaded();
        await ann.DisposeAsync();
    }
}
