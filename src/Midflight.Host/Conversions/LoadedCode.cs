using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>The code of a loaded assembly, which this does not keep loaded.</summary>
internal sealed class LoadedCode(Assembly assembly) : AssemblyCode
{
    private readonly WeakReference<Assembly> _assembly = new(assembly);

    /// <inheritdoc/>
    public override unsafe OpenAssembly? Open()
    {
        if (!_assembly.TryGetTarget(out var assembly))
        {
            return null;
        }

        if (!assembly.TryGetRawMetadata(out var metadata, out var length))
        {
            throw new InvalidOperationException($"{assembly.GetName().Name} has no metadata in memory. Load it from a file or from bytes.");
        }

        return new(new MetadataReader(metadata, length), method => Body(assembly, method), assembly);
    }

    private static MethodCode? Body(Assembly assembly, MethodDefinitionHandle method)
    {
        if (assembly.ManifestModule.ResolveMethod(MetadataTokens.GetToken(method))?.GetMethodBody() is not { } body)
        {
            return null;
        }

        return new(body.GetILAsByteArray() ?? [],
        [
            .. body.ExceptionHandlingClauses.Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Finally)
                .Select(clause => new FinallyRegion(clause.TryOffset, clause.TryOffset + clause.TryLength, clause.HandlerOffset)),
        ]);
    }
}
