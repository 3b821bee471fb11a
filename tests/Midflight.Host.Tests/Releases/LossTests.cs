namespace Midflight.Host.Tests;

/// <summary>An upgrade does not lose in silence what members that are gone hold in live values.</summary>
public sealed class LossTests
{
    private static readonly InstallSettings s_allowed = new() { AllowLoss = true };

    // Two counters with one more member, for which the other release has no place, or another one.
    private static async Task<ReleaseFolder> Folder(string member, string now = "", string attribute = "")
    {
        var folder = new ReleaseFolder();
        await folder.Start("1", ReleaseHandlerTests.Counter(1, more: $"public {member};"));
        var (name, source) = ReleaseHandlerTests.Counter(2, more: now);
        folder.Package("2", (name, attribute + source));
        await folder.Node.Run(async () =>
        {
            await ReleaseHandlerTests.Begin(folder);
            await ReleaseHandlerTests.Begin(folder);
        });
        return folder;
    }

    [Fact]
    public async Task What_a_dropped_member_holds_is_a_reason_to_refuse_with_how_many_values_an_example_and_the_two_lines_to_choose_from()
    {
        await using var folder = await Folder("string Note = \"call back\"");

        foreach (var attempt in new Func<Task>[] { () => folder.Handler.Check("2"), () => folder.Handler.Install("2", InstallSettings.Default) })
        {
            var refused = await Assert.ThrowsAsync<ReleaseRefusedException>(attempt);
            Assert.Equal(
                "The upgrade would lose data of live values. State.Note is gone, and 2 values hold something in it, such as \"call back\". "
                + "If State has it under another name now, write `[Renamed(\"Note\", \"NEW\")]` on it; if the loss is meant, `[Dropped(\"Note\")]`. To allow this once, use `--allow-loss`.",
                refused.Message);
        }

        await folder.Node.Run(async () => Assert.Equal(1, await GenServer.Call<int>(await ReleaseHandlerTests.Begin(folder), "version")));
    }

    [Theory]
    [InlineData("string Note", "\"\"")]
    [InlineData("string? Note", "null")]
    [InlineData("long Note", "0")]
    [InlineData("System.Collections.Generic.List<string> Note", "[]")]
    [InlineData("System.Collections.Immutable.ImmutableDictionary<string, int> Note", "System.Collections.Immutable.ImmutableDictionary<string, int>.Empty")]
    [InlineData("System.DayOfWeek Note", "default")]
    [InlineData("object Note", "new object()")]
    [InlineData("System.Threading.SemaphoreSlim Note", "new(1)")]
    public async Task Nothing_is_lost_with_what_is_empty_a_lock_or_a_resource(string member, string value)
    {
        await using var folder = await Folder($"{member} = {value}");
        Assert.DoesNotContain((await folder.Handler.Install("2", InstallSettings.Default)).Notes, note => note.Contains("is gone, and", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("int Note", "7", "such as 7.")]
    [InlineData("System.Collections.Generic.List<string> Note", "[\"a\", \"b\"]", "such as a List<string> of 2.")]
    [InlineData("int[] Note", "[1, 2, 3]", "such as an int[] of 3.")]
    [InlineData("object Note", "\"boxed\"", "such as \"boxed\".")]
    [InlineData("System.DayOfWeek Note", "System.DayOfWeek.Friday", "such as Friday.")]
    public async Task Everything_else_is_a_loss(string member, string value, string example)
    {
        await using var folder = await Folder($"{member} = {value}");
        Assert.Contains(example, (await Assert.ThrowsAsync<ReleaseRefusedException>(() => folder.Handler.Check("2"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dropped_says_that_the_loss_is_meant()
    {
        await using var folder = await Folder("string Note = \"call back\"", "", "[Dropped(\"Note\")] ");
        Assert.Equal("State.Note is dropped", Assert.Single((await folder.Handler.Install("2", InstallSettings.Default)).Notes));
    }

    [Fact]
    public async Task Renamed_says_where_it_goes()
    {
        await using var folder = await Folder("string Note = \"call back\"", "public string Remark = \"\";", "[Renamed(\"Note\", \"Remark\")] ");
        await folder.Handler.Install("2", InstallSettings.Default);
    }

    [Fact]
    public async Task It_is_let_go_for_once_and_the_report_says_so_and_on_the_way_down_what_is_new_goes_without_a_word()
    {
        await using var folder = await Folder("string Note = \"call back\"", "public int Times = 3;");
        Assert.Contains("State.Note is gone, and 2 values hold something in it", (await folder.Handler.Check("2", settings: s_allowed)).Notes[^1], StringComparison.Ordinal);
        Assert.Contains("State.Note is gone, and 2 values hold something in it", (await folder.Handler.Install("2", s_allowed)).Notes[^1], StringComparison.Ordinal);
        await folder.Handler.Install("1", InstallSettings.Default);
    }
}
