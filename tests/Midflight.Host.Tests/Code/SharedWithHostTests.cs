using System.Collections.Immutable;

namespace Midflight.Host.Tests;

/// <summary>Which assemblies hot code shares with the program around its node, and which stay hot.</summary>
public sealed class SharedWithHostTests
{
    private static readonly AssemblyImage s_messages = Compile.Assembly("Shop.Messages", "namespace Shop; public sealed record Buy(string What, Pid Who);");

    private static readonly AssemblyImage s_shop = Compile.Assembly(
        "Shop", "namespace Shop; public sealed class Till : GenServer<int> { protected override Started<int> Init(object? argument) => 0; public static Buy Of(Pid who) => new(\"tea\", who); }", references: [s_messages]);

    [Fact]
    public void What_the_program_has_too_and_no_process_runs_is_shared() =>
        Assert.Equal(["Shop"], Hot(["Shop.Messages"], s_shop, s_messages));

    [Fact]
    public void What_the_program_has_not_stays_hot() => Assert.Equal(["Shop", "Shop.Messages"], Hot([], s_shop, s_messages));

    [Fact]
    public void A_behaviour_stays_hot_though_the_program_refers_to_it() => Assert.Equal(["Shop"], Hot(["Shop", "Shop.Messages"], s_shop, s_messages));

    [Fact]
    public void Process_functions_stay_hot_though_the_program_refers_to_them()
    {
        var loops = Compile.Assembly(
            "Shop.Loops", "namespace Shop; public static class Loops { public static async ProcessTask<Next> Wait(int n) { await Process.Receive(message => true); return Next.Current(Wait, n); } }");

        Assert.Equal(["Shop.Loops"], Hot(["Shop.Loops"], loops));
    }

    [Fact]
    public void Functions_that_are_no_processes_are_shared()
    {
        var words = Compile.Assembly("Shop.Words", "namespace Shop; public static class Words { public static string Polite(string word) => word + \", please\"; }");

        Assert.Empty(Hot(["Shop.Words"], words));
    }

    [Fact]
    public void What_is_made_of_hot_types_is_hot_itself()
    {
        var lists = Compile.Assembly("Shop.Lists", "namespace Shop; public sealed record Tills(Till? First);", references: [s_shop, s_messages]);

        Assert.Equal(["Shop", "Shop.Lists"], Hot(["Shop.Lists", "Shop.Messages"], s_shop, lists, s_messages));
    }

    [Fact]
    public void An_application_all_of_which_is_shared_is_left_without_code()
    {
        ApplicationImage shop = new("shop", "1.0.0", [s_shop]), messages = new("shop.messages", "1.0.0", [s_messages]);

        var divided = SharedWithHost.Divide([messages, shop], [], name => name == "Shop.Messages");

        Assert.Equal([0, 1], divided.Select(image => image.Assemblies.Length));
    }

    private static IEnumerable<string> Hot(string[] program, params ImmutableArray<AssemblyImage> assemblies) =>
        SharedWithHost.Divide([new ApplicationImage("shop", "1.0.0", assemblies)], [], program.Contains).Single().Assemblies.Select(assembly => assembly.Name);
}
