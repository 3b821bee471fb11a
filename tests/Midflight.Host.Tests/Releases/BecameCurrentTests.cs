namespace Midflight.Host.Tests;

/// <summary>What an application keeps outside of its processes goes over with its code, and back with it.</summary>
public sealed class BecameCurrentTests
{
    private static (string, string) Release(int version, string change = "return state;", string became = "") => Demo.Code(
        Demo.Supervisor("Top", ["W1"]),
        Demo.Worker("W1", version, change),
        $$"""
        public sealed class Demo : Application
        {
            protected override async ValueTask<Pid> Start(ApplicationStart start) => await GenServer.StartLink<Top>(null, "top");

            protected override ValueTask BecameCurrent()
            {
                Journal.Say("{{version}} became current");
                {{became}}
                return default;
            }

            protected override ValueTask IsGoing()
            {
                Journal.Say("{{version}} is going");
                return default;
            }
        }
        """);

    [Fact]
    public async Task The_old_version_is_told_that_it_is_going_then_the_new_one_that_it_became_current_both_ways()
    {
        await using var scene = await Scene.Of(Release(1), Release(2));

        await scene.Run(async () =>
        {
            await Scene.Journal();
            await scene.Install("2");
            Assert.Equal(["1 is going", "2 became current"], (await Scene.Journal()).Where(line => !line.StartsWith('W')));
            await scene.Install("1");
            Assert.Equal(["2 is going", "1 became current"], (await Scene.Journal()).Where(line => !line.StartsWith('W')));
        });
    }

    [Fact]
    public async Task One_that_throws_rolls_the_upgrade_back_and_the_old_version_is_told_that_it_is_current_again()
    {
        await using var scene = await Scene.Of(Release(1), Release(2, became: """throw new InvalidOperationException("There is no route.");"""));

        await scene.Run(async () =>
        {
            await Scene.Journal();
            Assert.Equal(
                "demo did not switch to its new code: There is no route. Fix its IsGoing or BecameCurrent and rebuild the release. Rolled back: 1 is still running.",
                await scene.Fails("2"));
            Assert.Equal(
                ["1 is going", "2 became current", "2 is going", "1 became current"], (await Scene.Journal()).Where(line => !line.StartsWith('W')));
            Assert.Equal((1, "1 fresh"), (await Scene.Version("w1"), await Scene.State("w1")));
        });
    }
}
