using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;

namespace Midflight.Host;

/// <summary>Searches states and mailboxes for values of a code version that should be gone.</summary>
internal static class HolderSearch
{
    // Enough to find a holder without walking the heap.
    private const int MostObjects = 100_000;
    private const int MostHolders = 8;

    /// <summary>One sentence for each process that holds such a value.</summary>
    internal static ImmutableArray<string> Find(Node node, AssemblyLoadContext context)
    {
        var holders = ImmutableArray.CreateBuilder<string>();

        foreach (var cell in node.Processes.All())
        {
            if (holders.Count == MostHolders)
            {
                break;
            }

            // Read while it may change: what is found may be gone a moment later. It is only a hint.
            if (cell.Body is ServerBody { Version: var version } server && version is not null
                && server.Module.GetType().Assembly is var assembly && AssemblyLoadContext.GetLoadContext(assembly) == context)
            {
                holders.Add($"Process {cell.Pid} still runs {server.ModuleName} of it.");
            }
            else if (Search(cell.Body?.State, context) is { } inState)
            {
                holders.Add($"The state of process {cell.Pid} ({cell.Body?.ModuleName}) holds {inState}.");
            }
            else if (cell.Mailbox.Contents().Select(content => Search(content, context)).FirstOrDefault(path => path is not null) is { } inMailbox)
            {
                holders.Add($"A message that waits for process {cell.Pid} ({cell.Body?.ModuleName}) holds {inMailbox}.");
            }
        }

        foreach (var store in node.Stores.All.Where(_ => holders.Count < MostHolders))
        {
            if (Search(store.Contents, context) is { } inStore)
            {
                holders.Add($"What {store.Title} holds is {inStore}.");
            }
        }

        return holders.ToImmutable();
    }

    private static string? Search(object? root, AssemblyLoadContext context)
    {
        if (root is null)
        {
            return null;
        }

        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance) { root };
        var waiting = new Queue<(object Value, string Path)>([(root, root.GetType().Name)]);

        while (waiting.TryDequeue(out var next))
        {
            if (Belongs(next.Value.GetType(), context))
            {
                return next.Path;
            }

            foreach (var (member, name) in Members(next.Value))
            {
                if (seen.Count < MostObjects && seen.Add(member))
                {
                    waiting.Enqueue((member, $"{next.Path}.{name}"));
                }
            }
        }

        return null;
    }

    private static bool Belongs(Type type, AssemblyLoadContext context) =>
        AssemblyLoadContext.GetLoadContext(type.Assembly) == context
        || (type.IsGenericType && type.GetGenericArguments().Any(argument => Belongs(argument, context)))
        || (type.HasElementType && Belongs(type.GetElementType()!, context));

    private static IEnumerable<(object Value, string Name)> Members(object value)
    {
        // Values that lead out of the process's own data, to the runtime or to other processes.
        if (value is string or Pid or Type or Cell or Node or CodeVersion or Assembly or MemberInfo or Thread or AssemblyLoadContext)
        {
            yield break;
        }

        if (value is Delegate { Target: var target, Method: var method })
        {
            if (target is not null)
            {
                yield return (target, method.Name);
            }

            yield break;
        }

        if (value is Array array)
        {
            if (!array.GetType().GetElementType()!.IsPrimitive)
            {
                foreach (var item in array)
                {
                    if (item is not null)
                    {
                        yield return (item, "[]");
                    }
                }
            }

            yield break;
        }

        for (var type = value.GetType(); type is not null; type = type.BaseType)
        {
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (field.FieldType is { IsPrimitive: false, IsPointer: false, IsByRefLike: false, IsFunctionPointer: false }
                    && field.GetValue(value) is { } member)
                {
                    yield return (member, field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name);
                }
            }
        }
    }
}
