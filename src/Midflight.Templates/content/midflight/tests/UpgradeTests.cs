using Midflight.Testing;

namespace MidflightApp.Tests;

/// <summary>From the version before to this one, and back.</summary>
public sealed class UpgradeTests
{
    [Fact]
    public async Task The_counter_counts_on_through_an_upgrade_and_back()
    {
        await using var upgrade = await Upgrade.From(HotRelease.At("before")).To(HotRelease.Of<MidflightAppApplication>());
        Assert.Equal(1, await upgrade.Call(() => Counter.Add("old code")));

        await upgrade.Up();
        Assert.Equal(2, await upgrade.Call(() => Counter.Add("new code")));

        await upgrade.Down();
        Assert.Equal(3, await upgrade.Call(() => Counter.Add("old code again")));
    }
}
