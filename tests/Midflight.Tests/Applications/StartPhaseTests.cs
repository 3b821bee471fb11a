using System.Collections.Immutable;
using System.Text.Json;
using Midflight.Testing;
using Midflight.Tests.Supervision;

namespace Midflight.Tests.Applications;

/// <summary>Start phases, and the applications that another includes.</summary>
public sealed class StartPhaseTests : IAsyncDisposable
{
    private readonly CapturedLog _log = new();
    private readonly Diary _diary = new();
    private readonly string _key = Guid.NewGuid().ToString();
    private readonly Node _node;

    public StartPhaseTests()
    {
        Shop.Diaries[_key] = _diary;
        _node = new Node(_log);
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    private ApplicationDefinition Define(string name, params (string Phase, string Argument)[] phases) => new(name, "1.0.0", typeof(Shop))
    {
        Environment = new Dictionary<string, string> { ["diary"] = _key, ["name"] = name }
            .ToImmutableDictionary(entry => entry.Key, entry => JsonSerializer.SerializeToElement(entry.Value))
            .Add("price", JsonSerializer.SerializeToElement(name.Length)),
        StartPhases = [.. phases.Select(phase => KeyValuePair.Create(phase.Phase, JsonSerializer.SerializeToElement(phase.Argument)))],
    };

    [Fact]
    public async Task Start_phases_run_in_order_when_the_processes_run_and_before_others_start()
    {
        await _node.Applications.Start([Define("shop") with { Dependencies = ["bank"] }, Define("bank", ("vault", "gold"), ("open", "now"))]);

        Assert.Equal(
            ["bank starts", "bank, clerk there: phase vault of gold", "bank, clerk there: phase open of now", "shop starts"],
            _diary.Lines);
    }

    [Fact]
    public async Task A_start_phase_that_throws_fails_the_start_and_leaves_no_process_behind()
    {
        var refused = await Assert.ThrowsAsync<ApplicationRefusedException>(
            () => _node.Applications.Start(Define("bank", ("vault", "gold"), ("open", "fails"), ("close", "never"))));

        Assert.Equal("Application bank 1.0.0 was not started: InvalidOperationException: no open today", refused.Message);
        Assert.Equal(["bank starts", "bank, clerk there: phase vault of gold", "bank, clerk there: phase open of fails"], _diary.Lines);
        await _node.Run(async () =>
        {
            Assert.Null(Process.WhereIs("bank"));
            await Task.CompletedTask;
        });
        Assert.Empty(_node.Applications.Running);
    }

    [Fact]
    public async Task A_start_phase_that_nobody_handles_is_refused()
    {
        var refused = await Assert.ThrowsAsync<ApplicationRefusedException>(
            () => _node.Applications.Start(Define("plain", ("open", "now")) with { StartModule = typeof(ApplicationTests.Plain) }));

        Assert.Equal(
            "Application plain 1.0.0 was not started: NotSupportedException: Midflight.Tests.Applications.ApplicationTests+Plain has a start phase 'open' but does not override StartPhase. Override it, or remove the phase from the application.",
            refused.Message);
    }

    [Fact]
    public async Task Included_applications_are_told_of_the_phases_that_they_have_too_and_of_nothing_else()
    {
        var till = Define("till", ("open", "drawer"));
        var desk = Define("desk", ("other", "never"), ("open", "lamp")) with { Included = [till] };
        var paper = new ApplicationDefinition("paper", "1.0.0", null);

        await _node.Applications.Start(Define("bank", ("vault", "gold"), ("open", "door")) with { Included = [desk, paper] });
        Assert.Equal(["bank"], _node.Applications.Running.Select(running => running.Name));
        await _node.Applications.Stop("bank");

        // All in the process of the one that includes them, whose environment they read.
        Assert.Equal(
            ["bank starts",
             "bank, clerk there: phase vault of gold",
             "bank, clerk there: phase open of door", "bank, clerk there: phase open of lamp", "bank, clerk there: phase open of drawer",
             "bank prepares, clerk there", "bank stops, clerk gone"],
            _diary.Lines);
    }

    [Fact]
    public async Task The_environment_of_an_included_application_is_read_by_its_name()
    {
        await _node.Applications.Start(Define("bank") with { Included = [Define("counter")] });

        await _node.Run(async () =>
        {
            Assert.Equal("bank".Length, await GenServer.Call<int>("bank", "price"));
            Assert.Equal("counter".Length, await GenServer.Call<int>("bank", ("counter", "price")));
            Assert.Equal(
                "Application kiosk is not running and is not included in one that is, so it has no environment. Start it, or correct the name.",
                Assert.Throws<InvalidOperationException>(() => Application.GetFrom<int>("kiosk", "price")).Message);
            Assert.Equal(
                "Application counter has no 'size' in its environment; it has diary, name, price. Set it in the release's configuration.",
                Assert.Throws<KeyNotFoundException>(() => Application.GetFrom<int>("counter", "size")).Message);
        });
    }

    [Fact]
    public async Task Who_needs_an_included_application_needs_the_one_that_includes_it()
    {
        await _node.Applications.Start([Define("shop") with { Dependencies = ["desk"] }, Define("bank") with { Included = [Define("desk")], Dependencies = ["desk"] }]);
        await _node.Applications.Start(Define("kiosk") with { Dependencies = ["desk"] });

        Assert.Equal(["bank", "shop", "kiosk"], _node.Applications.Running.Select(running => running.Name));
        var refused = await Assert.ThrowsAsync<ApplicationRefusedException>(() => _node.Applications.Stop("bank"));
        Assert.Equal("Application bank was not stopped: shop, kiosk depend on it. Stop those first.", refused.Message);
    }
}
