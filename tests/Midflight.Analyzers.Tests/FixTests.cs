using Midflight.CodeFixes;

namespace Midflight.Analyzers.Tests;

/// <summary>What the editor writes.</summary>
public sealed class FixTests
{
    [Fact]
    public async Task A_conversion_that_is_not_static_is_made_static() => Assert.Contains(
        "private static Account From(V1 old) => new(old.Cents);",
        await Analysis.Fixed(
            """
            public sealed record Account(long Cents)
            {
                [Shape("0.1")]
                public sealed record V1(long Cents);

                [Convert]
                private Account From(V1 old) => new(old.Cents);
            }
            """,
            new StaticConvert()),
        StringComparison.Ordinal);

    [Fact]
    public async Task Both_ways_of_a_renamed_member_are_written_and_leave_nothing_to_say()
    {
        var code = await Analysis.Fixed(
            """
            public sealed record Connection(string Peer, int Lines, bool IsOpen = true)
            {
                [Shape("0.2")]
                public sealed record V2(string Peer, int Count);
            }
            """,
            new WrittenConvert());

        Assert.Contains("private static Connection From(V2 old) => new(old.Peer, old.Count);", code, StringComparison.Ordinal);
        Assert.Contains("private static V2 Back(Connection now) => new(now.Peer, now.Lines);", code, StringComparison.Ordinal);
        Assert.Empty(await Analysis.Of(code));
    }

    [Fact]
    public async Task What_nobody_can_know_throws_until_a_person_has_said_it()
    {
        var code = await Analysis.Fixed(
            """
            public sealed class Account
            {
                public string First { get; set; } = "";
                public string Last { get; set; } = "";

                [Shape("0.1")]
                public sealed class V1
                {
                    public string Name { get; set; } = "";
                }
            }
            """,
            new WrittenConvert());

        Assert.Contains("throw new System.NotImplementedException(\"Say what becomes of First, Last.\")", code, StringComparison.Ordinal);
        Assert.Empty(await Analysis.Of(code));
    }
}
