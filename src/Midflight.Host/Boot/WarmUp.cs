using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Runs what a start of a node runs, on another processor and ahead of it.</summary>
/// <remarks>
/// Most of the time that a node takes to start is .NET's, which brings methods and types into memory when they are first used: some
/// thousands. While the start waits for the disk and takes its lock, this reads files like those of a release and starts an
/// application like those in it, in a node of its own that nobody sees, in the order in which the start will come to the same code.
/// Where that gets there first it goes on as ever. Measured in <c>bench/</c>, row <c>start_tcp</c>.
/// </remarks>
internal static class WarmUp
{
    /// <summary>Begins, and comes back at once. Does nothing where there is but one processor.</summary>
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

            // Left as it is: to stop it would take a processor from the start, and nobody knows of it, so the collector takes it away.
            new Node(NullLogger.Instance, null, null, isHidden: true).Applications.Start([ExampleApplication.Definition]).GetAwaiter().GetResult();
        }
        // The start does the same by itself, and says what is wrong.
        catch (Exception)
        {
        }
    }
}
