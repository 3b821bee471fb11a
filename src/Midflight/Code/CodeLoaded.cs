namespace Midflight;

// Which code a node has loaded, and its purge and delete: OTP's module code. The unit is the application, because that is the unit of loading.
public static partial class Code
{
    /// <summary>Drops the old version of an application, and kills the processes that use it: OTP's <c>code:purge</c>.</summary>
    /// <param name="application">Its name.</param>
    /// <returns>Whether any process had to be killed. It is not an error if there is nothing to purge.</returns>
    /// <exception cref="InvalidOperationException">An upgrade is in progress or on probation, and may need that code for a rollback.</exception>
    /// <remarks>A process that runs the old version and calls this is killed as well.</remarks>
    public static async ValueTask<bool> Purge(string application) => Node.Current.Code is { } code && (await code.PurgeOld(application, kills: true)).Users.Count > 0;

    /// <summary>Drops the old version of an application if no process uses it: OTP's <c>code:soft_purge</c>.</summary>
    /// <param name="application">Its name.</param>
    /// <returns>Whether there is no old version now.</returns>
    /// <exception cref="InvalidOperationException">An upgrade is in progress or on probation, and may need that code for a rollback.</exception>
    public static async ValueTask<bool> SoftPurge(string application) => Node.Current.Code is not { } code || (await code.PurgeOld(application, kills: false)).Gone;

    /// <summary>Makes the current version of an application old. Qualified calls then find nothing, and processes keep running: OTP's <c>code:delete</c>.</summary>
    /// <param name="application">Its name.</param>
    /// <returns>False if it has no current version, or already has an old one: there is room for only one.</returns>
    /// <exception cref="InvalidOperationException">Another application refers to it, or an upgrade is in progress or on probation.</exception>
    public static async ValueTask<bool> Delete(string application) => Node.Current.Code is { } code && await code.DeleteCurrent(application);

    /// <summary>Whether an application has a current version: OTP's <c>code:is_loaded</c>.</summary>
    /// <param name="application">Its name.</param>
    public static bool IsLoaded(string application) => AllLoaded().Any(loaded => loaded.Application == application && loaded.Current is not null);

    /// <summary>The application that has a module in its current version; null if none has.</summary>
    /// <param name="module">The full name of its type.</param>
    public static LoadedCode? Which(string module) => AllLoaded().FirstOrDefault(loaded => loaded.Modules.Contains(module));

    /// <summary>The applications whose code is loaded, by name: OTP's <c>code:all_loaded</c>. None on a node without hot code.</summary>
    public static IReadOnlyList<LoadedCode> AllLoaded() => Node.Current.Code?.AllLoaded() ?? [];

    /// <summary>The full names of the modules whose file on disk differs from the loaded code, in order: OTP's <c>code:modified_modules</c>.</summary>
    /// <remarks>Reads the files. A module differs if its vsn does. Code that was not loaded from a file is never included.</remarks>
    public static IReadOnlyList<string> ModifiedModules() => Node.Current.Code?.Modified() ?? [];
}
