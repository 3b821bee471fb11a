using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Runs the code of a node's start in advance, on another processor.</summary>
/// <remarks>
/// Most of a node's start time is .NET's, which loads some thousands of methods and types when they are first
/// used. While the start waits for the disk and takes its lock, this reads files like those of a release and starts an
/// application like those in it, in a node of its own that nobody sees, in the order in which the start will reach the same code.
/// If the start gets there first, it simply continues. Measured in <c>bench/</c>, row <c>start_tcp</c>.
/// </remarks>
internal static class WarmUp
{
    /// <summary>Starts it, and returns at once. Does nothing if there is only one processor.</summary>
    internal static void Begin()
    {
        if (Environment.ProcessorCount > 1)
        {
#pragma warning disable RS0030 // It runs no code of an application.
            new Thread(Run) { IsBackground = true, Name = "Midflight warm-up" }.UnsafeStart();
#pragma warning restore RS0030
        }
    }

    private static void Run()
    {
        try
        {
            _ = BootFile.Read("boot.json", """
                {"name": "r", "version": "1", "code": [{"application": "a", "version": "1", "folder": "lib", "modules": ["M"]}],
                "load": ["a"], "start": [{"application": "a", "type": "permanent"}]}
                """u8.ToArray());
            _ = ApplicationFile.Read("a.app.json", """
                {"name": "a", "version": "1", "description": "", "modules": [{"module": "M", "vsn": "1"}], "registered": [],
                "applications": [], "mod": {"module": "M", "argument": null}}
                """u8.ToArray());

            // Any small assembly.
            _ = AssemblyImage.Read(typeof(ILogger).Assembly.Location).TopLevelTypes().First();

            // Left as it is: stopping it would take a processor from the start. Nobody knows of it, so the garbage collector removes it.
            new Node(NullLogger.Instance, null, null, isHidden: true).Applications.Start([ExampleApplication.Definition]).GetAwaiter().GetResult();
        }
        // The start itself does the same, and reports what is wrong.
        catch (Exception)
        {
        }
    }
}
