using Midflight.Host;

namespace EndToEnd.Tests;

[Trait("Category", "EndToEnd")]
public sealed class KillTests
{
    // The rename of releases/start.txt is what commits; from this step on it is done.
    private const string Committed = "commit:start-written";

    public static TheoryData<string> AllSteps => [.. FaultPoint.All];

    [Theory]
    [MemberData(nameof(AllSteps))]
    public Task A_node_killed_at_any_step_starts_again_on_the_last_committed_release(string step) => Scene.Play(
        Releases.Octochat("0.1.0"),
        async octochat =>
        {
            octochat.Deliver(await Releases.Octochat("0.2.0"));
            octochat.Set("MIDFLIGHT_HALT_AT", step);
            await octochat.Start();
            octochat.Set("MIDFLIGHT_HALT_AT", null);
            var upgrading = octochat.Do("upgrade", "0.2.0");
            var halted = Path.Combine(octochat.Root, "run", "halted");
            await Steps.Until($"the node halts at {step}", () => File.Exists(halted) || upgrading.IsCompleted);
            Assert.True(File.Exists(halted), $"The upgrade did not pass {step}.");
            await octochat.Kill();
            File.Delete(halted);
            Assert.NotEqual(0, (await upgrading).ExitCode);

            var committed = FaultPoint.All.IndexOf(step) >= FaultPoint.All.IndexOf(Committed);
            await octochat.Start();
            var (version, other, answers, otherAnswers) = committed ? ("0.2.0", "0.1.0", 2, 1) : ("0.1.0", "0.2.0", 1, 2);
            Assert.Equal(version, (await octochat.Status()).GetProperty("version").GetString());
            Assert.Equal("permanent", await octochat.StatusOf(version));
            await using var crowd = await Crowd.Connect(octochat.Port, talking: 2, idle: 2);
            await crowd.Answers(answers);

            await octochat.Succeed(committed ? "downgrade" : "upgrade", other);
            await crowd.Answers(otherAnswers);
        },
        step);
}
