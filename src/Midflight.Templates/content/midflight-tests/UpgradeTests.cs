using Midflight;
using Midflight.Testing;

namespace MidflightTests;

/// <summary>The code of now starts, and every release that is out can be upgraded to it.</summary>
public sealed class UpgradeTests
{
    [Fact]
    public async Task The_application_starts_and_is_well()
    {
        await using var node = new TestNode();
        await node.Run(() => Node.Current.Applications.Start<MIDFLIGHT_MODULE>());
    }

    [Fact]
    public async Task Every_release_that_is_out_goes_up_to_this_one_and_back()
    {
        foreach (var package in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "releases"), "*.tar.gz"))
        {
            await using var upgrade = await Upgrade.From(HotRelease.At(package)).To(HotRelease.Of<MIDFLIGHT_MODULE>());
            // Put something into the old code here, such as: Assert.Equal(1, await upgrade.Call(() => Counter.Add("old code")));

            await upgrade.Up();
            // And see here that it is there still, and on the way back as well.

            await upgrade.Down();
        }
    }
}
