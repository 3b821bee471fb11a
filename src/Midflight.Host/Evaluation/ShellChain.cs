using System.Reflection;
using System.Runtime.Loader;

namespace Midflight.Host.Evaluation;

/// <summary>The submissions of a shell that build on each other, compiled against the same code.</summary>
/// <remarks>
/// They live in one collectible context, and keep the code versions that they use in memory. When the code changes, the shell
/// starts a new chain and carries its variables over, so that the old versions can be unloaded.
/// </remarks>
internal sealed class ShellChain
{
    private readonly Context _context;

    // Where the generated code of a submission finds the earlier ones. Slot 0 would be a host object.
    private object?[] _slots = new object?[16];
    private int _used = 1;

    internal ShellChain(string stamp, IReadOnlyList<CodeVersion> code) => (Stamp, _context) = (stamp, new Context(code));

    /// <summary>Identifies the code that the chain is compiled against.</summary>
    internal string Stamp { get; }

    /// <summary>Loads a submission.</summary>
    /// <returns>A function that runs it, stores it in its slot and returns its value.</returns>
    internal Func<Task<object?>> Load(string name, byte[] image)
    {
        if (_used == _slots.Length)
        {
            Array.Resize(ref _slots, 2 * _used);
        }

        _used++;
        var type = _context.LoadFromStream(new MemoryStream(Weaver.Weave(image, null).Bytes)).GetType(name, throwOnError: true)!;
        var factory = type.GetMethod(ShellNames.Factory, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!
            .CreateDelegate<Func<object?[], Task<object?>>>();
        var slots = _slots;
        return () => factory(slots);
    }

    /// <summary>The value of a variable that a submission declares.</summary>
    internal object? Read(CarriedVariable variable)
    {
        var submission = _slots.FirstOrDefault(slot => slot?.GetType().Name == variable.Submission);
        return submission?.GetType()
            .GetField(variable.Name, BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)?
            .GetValue(submission);
    }

    /// <summary>All variables of all submissions.</summary>
    internal IEnumerable<(CarriedVariable Variable, object? Value)> Variables() =>
        from slot in _slots
        where slot is not null
        from field in slot.GetType().GetFields(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        where !field.Name.StartsWith('<')
        select (new CarriedVariable(field.Name, slot.GetType().Name), field.GetValue(slot));

    internal void Unload()
    {
        HeldContext.Take(_context);
        HeldContext.Sweep();
    }

    private sealed class Context(IReadOnlyList<CodeVersion> code) : AssemblyLoadContext("shell", isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName) => code
            .SelectMany(version => version.Assemblies)
            .Concat(code.SelectMany(version => version.Assemblies).Select(GetLoadContext).OfType<AssemblyLoadContext>()
                .Where(context => context != Default).Distinct().SelectMany(context => context.Assemblies))
            .FirstOrDefault(assembly => assembly.GetName().Name == assemblyName.Name);
    }
}
