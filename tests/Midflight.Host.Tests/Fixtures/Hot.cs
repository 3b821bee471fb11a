using System.Reflection;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>Reaches into hot code from tests, which cannot refer to it.</summary>
internal static class Hot
{
    /// <summary>Spawns a static process function of one argument in its current version.</summary>
    public static Pid Spawn(TestNode node, string module, string function, Pid argument)
    {
        var method = node.Module(module).GetMethod(function, BindingFlags.Static | BindingFlags.Public)!;
        return Begun(Process.Spawn(method.CreateDelegate<Func<Pid, ProcessTask<Next>>>(), argument));
    }

    /// <summary>Waits until a process has begun: until then it is in no version, and begins in whatever is current.</summary>
    public static Pid Begun(Pid process)
    {
        SpinWait.SpinUntil(() => process.Cell!.Body is not { HasNext: true });
        return process;
    }

    /// <summary>Calls a static method of the current version.</summary>
    public static object? Call(TestNode node, string module, string function, params object?[] arguments) =>
        node.Module(module).GetMethod(function, BindingFlags.Static | BindingFlags.Public)!
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);

    /// <summary>Makes a value of the current version.</summary>
    public static object New(TestNode node, string type, params object?[] arguments) => Activator.CreateInstance(node.Module(type), arguments)!;
}
