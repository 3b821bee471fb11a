using System.Runtime.InteropServices;

namespace Midflight.Host;

/// <summary>The memory that .NET takes from the C library: for the JIT, for loaded types and code.</summary>
internal static partial class NativeHeap
{
    private static bool s_cannot = !OperatingSystem.IsLinux();

    /// <summary>Gives what is free back to the system. Takes some milliseconds of this thread.</summary>
    /// <remarks>
    /// The C library of GNU keeps what was freed below something that is still used. Each upgrade compiles a version and frees
    /// another, so a small node would grow by a tenth over its first hundred. Other C libraries give it back by themselves.
    /// </remarks>
    internal static void GiveBack()
    {
        try
        {
            _ = !s_cannot && Trim(0);
        }
        // musl, for one, has no such function.
        catch (Exception missing) when (missing is EntryPointNotFoundException or DllNotFoundException)
        {
            s_cannot = true;
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool Trim(nuint keep);
}
