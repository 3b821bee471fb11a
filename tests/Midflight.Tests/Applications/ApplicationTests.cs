using System.Collections.Immutable;
using System.Text.Json;
using Midflight.Testing;
using Midflight.Tests.Supervision;

namespace Midflight.Tests.Applications;

public sealed class ApplicationTests : IAsyncDisposable
{
    private readonly CapturedLog _log = new();
    private readonly Diary _diary = new();
    private readonly string _key = Guid.NewGuid().ToString();
    private readonly Node _node;

    public ApplicationTests()
    {
        Shop.Diaries[_key] = _diary;
        _node = new Node(_log);
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    private ApplicationDefinition Define(string name, string environment = "{}", params string[] dependencies) => new(name, "1.0.0", typeof(Shop))
    {
        Dependencies = dependencies,
        Environment = Environment($$"""{"diary":"{{_key}}","name":"{{name}}"}""").SetItems(Environment(environment)),
    };

    private static ImmutableDictionary<string, JsonElement> Environment(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!.ToImmutableDictionary();

    private Task EndClerk(string name, ExitReason reason) => _node.Run(() => Kin.End(Process.WhereIs(name)!.Value, reason));

    [Fact]
    public async Task Applications_start_after_their_dependencies_and_stop_in_reverse()
    {
        await _node.Applications.Start([Define("shop", "{}", "bank", "store"), Define("store", "{}", "bank"), Define("bank")]);

        Assert.Equal(["bank", "store", "shop"], _node.Applications.Running.Select(running => running.Name));
        Assert.Equal(["bank starts", "store starts", "shop starts"], _diary.Lines);
        _diary.Clear();
        await _node.Applications.StopAll();
        Assert.Empty(_node.Applications.Running);
        Assert.Equal(
            ["shop prepares, clerk there", "shop stops, clerk gone", "store prepares, clerk there", "store stops, clerk gone", "bank prepares, clerk there", "bank stops, clerk gone"],
            _diary.Lines);
    }

    [Fact]
    public async Task A_library_runs_without_processes()
    {
        await _node.Applications.Start([new ApplicationDefinition("paper", "2.0.0", null), Define("shop", "{}", "paper")]);

        Assert.Equal(new RunningApplication("paper", "2.0.0", StartMode.Temporary, default), _node.Applications.Running[0]);
    }

    [Fact]
    public async Task A_start_that_fails_stops_those_started_before_it_and_says_why()
    {
        var refused = await Assert.ThrowsAsync<ApplicationRefusedException>(
            () => _node.Applications.Start([Define("bank"), Define("shop", """{"fails":true}""", "bank")]));

        Assert.Equal("Application shop 1.0.0 was not started: InvalidOperationException: out of stock", refused.Message);
        Assert.Empty(_node.Applications.Running);
        Assert.Equal(["bank starts", "shop starts", "bank prepares, clerk there", "bank stops, clerk gone"], _diary.Lines);
    }

    [Fact]
    public async Task Refusals_name_the_application_and_what_to_do()
    {
        await _node.Applications.Start([Define("bank"), Define("shop", "{}", "bank")]);

        await Refused("Application shop is already running. Stop it first, or leave it out.", () => _node.Applications.Start(Define("shop")));
        await Refused(
            "Application kiosk needs press, which is neither running nor about to start. Start press first, or add it to the release.",
            () => _node.Applications.Start(Define("kiosk", "{}", "press")));
        await Refused(
            "Applications depend on each other in a circle: a → b → a. Remove one of these dependencies.",
            () => _node.Applications.Start([Define("a", "{}", "b"), Define("b", "{}", "a")]));
        await Refused("Application bank was not stopped: shop depends on it. Stop that first.", () => _node.Applications.Stop("bank"));
        await Refused("Application kiosk is not running, so it cannot be stopped.", () => _node.Applications.Stop("kiosk"));

        static async Task Refused(string sentence, Func<Task> asked) =>
            Assert.Equal(sentence, (await Assert.ThrowsAsync<ApplicationRefusedException>(asked)).Message);
    }

    [Theory]
    [InlineData(StartMode.Permanent, true)]
    [InlineData(StartMode.Transient, true)]
    [InlineData(StartMode.Temporary, false)]
    public async Task An_application_that_ends_takes_the_node_with_it_as_its_mode_says(StartMode mode, bool ends)
    {
        await _node.Applications.Start(Define("shop") with { Mode = mode });

        await EndClerk("shop", ExitReason.Other("robbed"));
        await _log.Until("Application shop 1.0.0 ended: shutdown.");

        Assert.Equal("shop stops, clerk gone", _diary.Lines[^1]);
        Assert.Empty(_node.Applications.Running);

        if (ends)
        {
            Assert.Equal(new ApplicationExit("shop", mode, ExitReason.Shutdown), await _node.Applications.Exit);
        }
        else
        {
            Assert.False(_node.Applications.Exit.IsCompleted);
        }
    }

    [Fact]
    public async Task Stopping_a_permanent_application_does_not_end_the_node()
    {
        await _node.Applications.Start(Define("shop") with { Mode = StartMode.Permanent });

        await _node.Applications.Stop("shop");

        Assert.False(_node.Applications.Exit.IsCompleted);
    }

    [Theory]
    [InlineData(StartMode.Permanent, true)]
    [InlineData(StartMode.Transient, false)]
    [InlineData(StartMode.Temporary, false)]
    public async Task An_application_that_ends_as_normal_ends_the_node_only_if_it_is_permanent(StartMode mode, bool ends)
    {
        await _node.Applications.Start(ApplicationDefinition.Of<Alone>() with { Mode = mode });

        await _node.Run(() => Kin.End(_node.Applications.Running[0].Top, ExitReason.Normal));
        await _log.Until("ended: normal.");

        if (ends)
        {
            await _node.Applications.Exit.WaitAsync(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(ends, _node.Applications.Exit.IsCompleted);
    }

    public sealed class Alone : Application
    {
        protected override ValueTask<Pid> Start(ApplicationStart start) => GenServer.StartLink<Clerk>("alone");
    }

    [Fact]
    public async Task A_process_reads_the_environment_of_the_application_in_whose_tree_it_is()
    {
        await _node.Applications.Start([Define("bank", """{"price":1}"""), Define("shop", """{"price":20}""")]);

        await _node.Run(async () =>
        {
            Assert.Equal(1, await GenServer.Call<int>("bank", "price"));
            Assert.Equal(20, await GenServer.Call<int>("shop", "price"));
            Assert.Contains(
                "belongs to no running application",
                Assert.Throws<InvalidOperationException>(() => Application.Get<int>("price")).Message,
                StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("""{"price":"cheap"}""", "'price' in the environment of shop is \"cheap\", which is not a valid Int32. Correct the release's configuration.")]
    [InlineData("{}", "Application shop has no 'price' in its environment; it has diary, name. Set it in the release's configuration, or give a default: Get(\"price\", …).")]
    public async Task A_missing_key_and_a_wrong_type_are_named(string environment, string sentence)
    {
        await _node.Applications.Start(Define("shop", environment));

        await _node.Run(async () =>
        {
            var failure = await Assert.ThrowsAsync<CallFailedException>(async () => await GenServer.Call<int>("shop", "price"));
            Assert.Equal(sentence, failure.InnerException!.Message);
        });
    }

    [Fact]
    public async Task A_change_of_the_environment_is_seen_at_once_and_told()
    {
        await _node.Applications.Start(Define("shop", """{"price":1,"old":true,"same":[1]}"""));

        var change = _node.Applications.Replace(Define("shop", """{"price":2,"new":true,"same":[1]}""") with { Version = "1.1.0" });
        await _node.Applications.Tell("shop", change);

        Assert.Equal("changed price, added new, removed old; price 2", _diary.Lines[^1]);
        Assert.Equal("1.1.0", _node.Applications.Running[0].Version);
        await _node.Run(async () => Assert.Equal(2, await GenServer.Call<int>("shop", "price")));
    }

    [Fact]
    public async Task Disposing_a_node_stops_its_applications()
    {
        await _node.Applications.Start<Plain>();
        Assert.Equal("midflight.tests", _node.Applications.Running[0].Name);

        await _node.DisposeAsync();

        Assert.Empty(_node.Applications.Running);
    }

    public sealed class Plain : Application
    {
        protected override ValueTask<Pid> Start(ApplicationStart start) => GenServer.StartLink<Family>(new SupervisorSpec(Strategy.OneForOne, []));
    }

    [Fact]
    public async Task Ensure_all_started_leaves_those_that_run_and_says_which_it_started()
    {
        await _node.Applications.Start(Define("bank"));
        Assert.Equal(["till", "shop"], await _node.Applications.EnsureAllStarted([Define("shop", "{}", "bank", "till"), Define("till"), Define("bank")]));
        Assert.Empty(await _node.Applications.EnsureAllStarted([Define("shop", "{}", "bank", "till"), Define("bank")]));
        Assert.Equal(["bank", "till", "shop"], _node.Applications.Running.Select(application => application.Name));
        var refused = await Assert.ThrowsAsync<ApplicationRefusedException>(() => _node.Applications.EnsureAllStarted([Define("other", "{}", "none")]));
        Assert.Equal("Application other needs none, which is neither running nor about to start. Start none first, or add it to the release.", refused.Message);
    }

    [Fact]
    public Task A_value_that_is_set_at_run_time_counts_until_it_is_unset() => _node.Run(async () =>
    {
        await _node.Applications.Start(Define("shop", """{"limit":5}"""));
        Assert.Equal(5, Application.GetFrom<int>("shop", "limit"));
        Application.Set("shop", "limit", 7);
        Application.Set("shop", "title", "corner");
        Assert.Equal((7, "corner"), (Application.GetFrom<int>("shop", "limit"), Application.GetFrom<string>("shop", "title")));
        Assert.Equal(["diary", "limit", "name", "title"], Application.EnvironmentOf("shop").Keys.Order());
        Assert.True(Application.Unset("shop", "limit"));
        Assert.False(Application.Unset("shop", "limit"));
        Assert.True(Application.Unset("shop", "title"));
        Assert.Equal(5, Application.GetFrom<int>("shop", "limit"));
        Assert.Throws<KeyNotFoundException>(() => Application.GetFrom<string>("shop", "title"));
    });

    [Fact]
    public Task A_value_that_is_set_stays_over_a_new_definition_which_tells_what_changes() => _node.Run(async () =>
    {
        ApplicationDefinition Of(int limit, int size) => Define("shop", $$"""{"limit":{{limit}},"size":{{size}}}""");
        Application.Set("shop", "limit", 7);
        await _node.Applications.Start(Of(limit: 1, size: 1));
        Assert.Equal(7, Application.GetFrom<int>("shop", "limit"));
        var change = _node.Applications.Replace(Of(limit: 2, size: 2));
        Assert.Equal(["size"], change.Changed.Keys);
        Assert.Equal((7, 2), (Application.GetFrom<int>("shop", "limit"), Application.GetFrom<int>("shop", "size")));
    });
}
