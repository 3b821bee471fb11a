using System.Reflection;

namespace Midflight;

/// <summary>Creates the instances of one code version's modules, and releases their services when the version goes.</summary>
internal abstract class ModuleFactory
{
    /// <summary>Calls constructors without parameters, public or not.</summary>
    internal static ModuleFactory Plain { get; } = new WithoutParameters();

    /// <remarks>Exceptions of the constructor are thrown unchanged. Called by several threads at once.</remarks>
    internal abstract object Create(Type module);

    /// <summary>Must not throw: the version goes in any case.</summary>
    internal abstract void Close();

    private sealed class WithoutParameters : ModuleFactory
    {
        internal override object Create(Type module) => Activator.CreateInstance(
            module, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DoNotWrapExceptions, null, null, null)!;

        internal override void Close()
        {
        }
    }
}
