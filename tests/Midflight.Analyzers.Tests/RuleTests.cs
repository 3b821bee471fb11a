using Microsoft.CodeAnalysis;

namespace Midflight.Analyzers.Tests;

/// <summary>Where a rule begins and ends.</summary>
public sealed class RuleTests
{
    private static string Server(string members, string state = "int") => $$"""
        public sealed class Server : GenServer<{{state}}>
        {
            {{members}}
        }
        """;

    [Theory]
    [InlineData("private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> s_cache = new(); int Find(string key) => s_cache.GetOrAdd(key, found => found.Length);")]
    [InlineData("private static readonly Dictionary<string, int> s_table; static Server() { s_table = []; s_table[\"a\"] = 1; }")]
    [InlineData("private const int Most = 3; private static readonly int[] s_primes = [2, 3]; private static string Name { get; } = \"a\";")]
    [InlineData("private static int s_untouched = 3; int Read() => s_untouched;")]
    [InlineData("private static int Length { get => 3; set { } } void Set() => Length = 3;")]
    public async Task A_static_that_stays_as_it_is_passes(string members) => Assert.Empty(await Analysis.Of(Server(members)));

    [Theory]
    [InlineData("private static int s_a; void M() => Interlocked.Increment(ref s_a);", "MF0001 s_a")]
    [InlineData("private static int s_a; void M() => (s_a, _) = (1, 2);", "MF0001 s_a")]
    [InlineData("private static string? s_a; string M() => s_a ??= \"\";", "MF0001 s_a")]
    [InlineData("private static readonly int[] s_a = new int[3]; void M() => s_a[1]++;", "MF0001 s_a")]
    [InlineData("private static readonly List<int> s_a = []; class Inner { void M() => s_a.Add(1); }", "MF0001 s_a")]
    [InlineData("private static int A { get; set; } void M() => A = 3;", "MF0001 A")]
    [InlineData("internal static int A;", "MF0001 A")]
    [InlineData("[ThreadStatic] private static int t_a; void M() => t_a = 1;", "MF0001 t_a")]
    [InlineData("public static event Action? Changed; void M() => Changed?.Invoke();", "MF0001 Changed")]
    [InlineData("private readonly List<int> _a = []; void M() => _a.Add(1);", "MF0002 _a")]
    [InlineData("public int A { get; set; }", "MF0002 A")]
    public async Task What_changes_beside_the_state_is_named_at_its_declaration(string members, string said) => Assert.Equal([said], await Analysis.Of(Server(members)));

    [Fact]
    public async Task All_of_a_library_with_a_start_module_is_hot_and_of_a_program_only_its_modules()
    {
        const string Code = """
            public sealed class App : Application { protected override ValueTask<Pid> Start(ApplicationStart start) => throw new NotSupportedException(); }
            public static class Totals { public static int Sum; }
            public static class Program { public static void Main() { } }
            """;
        Assert.Equal(["MF0001 Sum"], await Analysis.Of(Code));
        Assert.Empty(await Analysis.Of(Code, OutputKind.ConsoleApplication));
        Assert.Empty(await Analysis.Of(Code.Replace("sealed class App", "abstract class App", StringComparison.Ordinal)));
        Assert.Empty(await Analysis.Of("public static class Totals { public static int Sum; }"));
    }

    [Theory]
    [InlineData("async ValueTask<int> M() => await Task.Run(() => 3);")]
    [InlineData("async ValueTask<int> M() => await Task.Run(() => 3).ConfigureAwait(false);")]
    [InlineData("Task M() => Task.WhenAll(Task.CompletedTask);")]
    public async Task Work_that_a_process_awaits_is_its_own(string members) => Assert.Empty(await Analysis.Of(Server(members)));

    [Theory]
    [InlineData("void M() => Task.Run(() => 3);", "MF0004 Task.Run(() => 3)")]
    [InlineData("void M() => new Thread(() => { }).Start();", "MF0004 new Thread(() => { })")]
    [InlineData("void M() => ThreadPool.QueueUserWorkItem(_ => { });", "MF0004 ThreadPool.QueueUserWorkItem(_ => { })")]
    [InlineData("void M() => Run(async () => await Task.Yield()); static void Run(Action action) => action();", "MF0003 async () => await Task.Yield()")]
    public async Task Work_that_nobody_waits_for_is_reported(string members, string said) => Assert.Equal([said], await Analysis.Of(Server(members)));

    [Fact]
    public async Task A_process_function_is_hot_wherever_it_stands() => Assert.Equal(
        ["MF0006 Thread.Sleep(1)"],
        await Analysis.Of("public static class Loop { public static async ProcessTask<Next> Run(int n) { await Process.Receive(); Thread.Sleep(1); return Next.Local(Run, n); } }"));

    [Theory]
    [InlineData("async ValueTask<int> M(Task<int> a, Task<int> b) { await Task.WhenAll(a, b); return a.Result + b.Result; }")]
    [InlineData("int M(Task<int> a) => a.IsCompletedSuccessfully ? a.Result : 0;")]
    [InlineData("public static int Ask(ServerRef server) => Call<int>(server, \"ask\").AsTask().Result;")]
    [InlineData("bool M(SemaphoreSlim gate) => gate.Wait(0);")]
    public async Task A_task_that_has_ended_and_code_of_other_threads_may_take_a_result(string members) => Assert.Empty(await Analysis.Of(Server(members)));

    [Theory]
    [InlineData("int M(Task<int> a) => a.GetAwaiter().GetResult();", "MF0006 a.GetAwaiter().GetResult()")]
    [InlineData("int M(ValueTask<int> a) => a.Result;", "MF0006 a.Result")]
    [InlineData("void M(Task a) => a.Wait();", "MF0006 a.Wait()")]
    [InlineData("int M(Task<int> a) => a.ConfigureAwait(false).GetAwaiter().GetResult();", "MF0006 a.ConfigureAwait(false).GetAwaiter().GetResult()")]
    public async Task A_handler_that_waits_without_await_is_reported(string members, string said) => Assert.Equal([said], await Analysis.Of(Server(members)));

    [Theory]
    [InlineData("private sealed record Ask(TaskCompletionSource<int> Reply, Stream Body, Pid From, Func<int, int> Change);")]
    [InlineData("private sealed record Ask(IEnumerable<int> All); object M(List<int> all) => new Ask([.. all.Where(one => one > 2)]);")]
    [InlineData("private sealed record Ask(IEnumerable<int> All); object M(List<int> all) => new Ask(all.Where(one => one > 2).ToList());")]
    public async Task What_can_cross_passes(string members) => Assert.Empty(await Analysis.Of(Server(members)));

    [Theory]
    [InlineData("private sealed record Ask(List<Task> All);", "MF0005 All")]
    [InlineData("private sealed record Ask(Part Part); private sealed class Part { public IEnumerator<int>? At { get; set; } }", "MF0005 At")]
    [InlineData("private sealed record Ask(Func<int, int> Change); object M() => new Ask(a => a + 1);", "MF0005 a => a + 1")]
    [InlineData("private sealed class Ask { public Func<int>? Change { get; set; } } object M() => new Ask { Change = () => 3 };", "MF0005 () => 3")]
    [InlineData("private sealed record Ask(IEnumerable<int> All); object M(List<int> all) => new Ask(all.Where(one => one > 2));", "MF0005 all.Where(one => one > 2)")]
    public async Task What_cannot_cross_is_reported_where_it_is_held_or_put(string members, string said) => Assert.Equal([said], await Analysis.Of(Server(members)));

    [Fact]
    public async Task A_message_outside_of_its_module_is_known_by_being_sent() => Assert.Equal(
        ["MF0005 Price"],
        await Analysis.Of($"public sealed record Order(Task<int> Price);\n{Server("public static void Place(Order order) => Cast(\"orders\", order);")}"));

    [Theory]
    [InlineData("[Convert] static string A(int a, int b) => \"\";", "MF0007 A")]
    [InlineData("[Convert] static string A<T>(T a) => \"\";", "MF0007 A")]
    [InlineData("[Convert] static void A(int a) { }", "MF0007 A")]
    [InlineData("[Convert] static Task<string> A(int a) => Task.FromResult(\"\");", "MF0007 A")]
    [InlineData("[Convert] static int A(int a) => a;", "MF0007 A")]
    [InlineData("[Convert] static string A(in int a) => \"\";", "MF0007 A")]
    [InlineData("[Convert] static string A(int a) => \"\"; [Convert] static string B(int b) => \"\";", "MF0007 B")]
    public async Task A_conversion_that_cannot_be_called_is_reported(string members, string said) => Assert.Equal([said], await Analysis.Of(Server(members)));

    [Theory]
    [InlineData("protected override Answer<int> HandleInfo(object message, int state) { Process.Spawn(async () => { await Call<int>(\"server\", 1); }); return NoReply(state); }")]
    [InlineData("protected override Answer<int> HandleInfo(object message, int state) { Cast(Process.Self, 1); return NoReply(state); }")]
    [InlineData("public static ValueTask<int> Ask(ServerRef server) => Call<int>(server, 1); protected override async ValueTask<Answer<int>> HandleInfoAsync(object message, int state) => NoReply(await Ask((Pid)message));")]
    public async Task A_call_that_can_be_answered_passes(string members) => Assert.Empty(await Analysis.Of(Server(members)));

    [Theory]
    [InlineData("protected override async ValueTask<Answer<int>> HandleInfoAsync(object message, int state) => NoReply(await Call<int>(Process.Self, 1));", "MF0010 Call<int>(Process.Self, 1)")]
    [InlineData("public static ValueTask<int> Ask(ServerRef server) => Call<int>(server, 1); protected override async ValueTask<Answer<int>> HandleInfoAsync(object message, int state) => NoReply(await Ask(Process.Self));", "MF0010 Ask(Process.Self)")]
    public async Task A_call_to_itself_is_reported(string members, string said) => Assert.Equal([said], await Analysis.Of(Server(members)));

    [Fact]
    public async Task A_supervisor_that_is_called_in_Init_is_reported() => Assert.Equal(
        ["MF0009 DynamicSupervisor.StartChild(\"parents\", Child.Of<Server>())"],
        await Analysis.Of(Server("protected override async ValueTask<Started<int>> InitAsync(object? argument) { await DynamicSupervisor.StartChild(\"parents\", Child.Of<Server>()); return 0; }")));

    [Theory]
    [InlineData("void M(Ask ask) => System.Text.Json.JsonSerializer.Serialize(ask);", 1)]
    [InlineData("void M(List<Ask> all) => System.Text.Json.JsonSerializer.Serialize(all, System.Text.Json.JsonSerializerOptions.Web);", 1)]
    [InlineData("void M(object any) => System.Text.Json.JsonSerializer.Serialize(any, typeof(Ask));", 1)]
    [InlineData("void M(List<string> all) => System.Text.Json.JsonSerializer.Serialize(all);", 0)]
    [InlineData("void M(Ask ask) => System.Text.Json.JsonSerializer.Serialize(ask, new System.Text.Json.JsonSerializerOptions());", 1)]
    [InlineData("private static readonly System.Text.Json.JsonSerializerOptions s_o = new() { WriteIndented = true }; void M(Ask ask) => System.Text.Json.JsonSerializer.Serialize(ask, s_o);", 1)]
    [InlineData("void M(Ask ask, System.Text.Json.JsonSerializerOptions options) => System.Text.Json.JsonSerializer.Serialize(ask, options);", 0)]
    [InlineData("void M(Ask ask, System.Text.Json.Serialization.Metadata.JsonTypeInfo<Ask> known) => System.Text.Json.JsonSerializer.Serialize(ask, known);", 0)]
    public async Task A_serializer_is_reported_for_hot_types_in_shared_options_only(string members, int times) =>
        Assert.Equal(Enumerable.Repeat("MF0011", times), (await Analysis.Of(Server($"public sealed record Ask(int A); {members}"))).Select(said => said[..6]));
}
