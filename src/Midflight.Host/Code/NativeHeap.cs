using System.Runtime.InteropServices;

namespace Midflight.Host;

/// <summary>The memory that .NET allocates from the C library: for the JIT, for loaded types and code.</summary>
internal static partial class NativeHeap
{
    private static bool s_cannot = !OperatingSystem.IsLinux();

    /// <summary>Returns free memory to the system. Takes a few milliseconds of the calling thread.</summary>
    /// <remarks>
    /// The GNU C library keeps freed memory that lies below something still in use. Each upgrade compiles one version and frees
    /// another, so a small node would grow by a tenth over its first hundred upgrades. Other C libraries return it by themselves.
    /// </remarks>
    internal static void GiveBack()
    {
        try
        {
            _ = !s_cannot && Trim(0);
        }
        // Some C libraries, such as musl, do not have this function.
        catch (Exception missing) when (missing is EntryPointNotFoundException or DllNotFoundException)
        {
            s_cannot = true;
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool Trim(nuint keep);
}
