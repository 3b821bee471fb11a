using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests.Behaviours;

/// <summary>A job is a process function to the account, and its result comes in the words of who awaits it.</summary>
public sealed class JobUpgradeTests
{
    private static string Asker(int version) => $$"""
        public sealed record Found(string What{{(version == 1 ? "" : ", int Score = 7")}});

        public static class Search
        {
            public static readonly TaskCompletionSource Word = new();

            public static async Task<Found> Slow(string what)
            {
                await Word.Task;
                return new Found($"{what} by v{{version}}");
            }

            public static async Task<Job<Found>> Begin(string what)
            {
                await Task.Yield();
                return Job.Async(Slow, what);
            }

            public static async Task<string> End(object job) => (await ((Job<Found>)job).Await()).ToString();
        }
        """;

    [Fact]
    public async Task A_job_that_runs_uses_its_version_until_it_is_done()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("search", Asker(1), "0.1.0"));

        await node.Run(async () =>
        {
            var word = (TaskCompletionSource)node.Module("Search").GetField("Word")!.GetValue(null)!;
            var beginning = (Task)Hot.Call(node, "Search", "Begin", "needle")!;
            await beginning;
            var job = beginning.GetType().GetProperty("Result")!.GetValue(beginning)!;
            var end = node.Module("Search").GetMethod("End")!.CreateDelegate<Func<object, Task<string>>>();
            await node.Load(Compile.Application("search", Asker(2), "0.2.0"));

            var soft = await node.Code.Purge("search", PurgeMethod.Soft);
            Assert.False(soft.Purged);
            Assert.Contains(soft.Users, user => user.Process == ((Job)job).Pid && user.ToString().EndsWith("runs a function of it", StringComparison.Ordinal));

            word.SetResult();
            Assert.Equal("Found { What = needle by v1 }", await end(job));
            Assert.True((await node.Code.Purge("search", PurgeMethod.Soft)).Purged);
        });
    }

    [Fact]
    public async Task A_named_function_of_old_code_begins_in_the_current_version_and_its_result_is_converted()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("search", Asker(1), "0.1.0"));

        await node.Run(async () =>
        {
            var begin = node.Module("Search").GetMethod("Begin")!.CreateDelegate<Func<string, Task>>();
            var end = node.Module("Search").GetMethod("End")!.CreateDelegate<Func<object, Task<string>>>();
            await node.Load(Compile.Application("search", Asker(2), "0.2.0"));
            ((TaskCompletionSource)node.Module("Search").GetField("Word")!.GetValue(null)!).SetResult();

            var beginning = begin("needle");
            await beginning;
            Assert.Equal("Found { What = needle by v2 }", await end(beginning.GetType().GetProperty("Result")!.GetValue(beginning)!));
        });
    }
}
