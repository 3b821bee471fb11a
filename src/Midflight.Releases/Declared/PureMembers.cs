using System.Collections.Frozen;

namespace Midflight.Releases.Declared;

/// <summary>What is known of members of types that are not hot: which give the same for the same and touch nothing outside.</summary>
internal static class PureMembers
{
    // Namespaces of which every type can be made without an effect.
    private static readonly string[] s_namespaces =
    [
        "System.Collections.Generic.", "System.Collections.Concurrent.", "System.Collections.Immutable.", "System.Collections.Frozen.",
        "System.Collections.ObjectModel.", "System.Collections.Specialized.", "System.Collections.", "System.Text.RegularExpressions.",
        "System.Text.Json.", "System.Threading.Channels.", "System.Numerics.",
    ];

    private static readonly FrozenSet<string> s_types = FrozenSet.Create(
        "System.Object", "System.String", "System.TimeSpan", "System.DateTime", "System.DateTimeOffset", "System.DateOnly", "System.TimeOnly",
        "System.Guid", "System.Version", "System.Boolean", "System.Char", "System.SByte", "System.Byte", "System.Int16", "System.UInt16",
        "System.Int32", "System.UInt32", "System.Int64", "System.UInt64", "System.Single", "System.Double", "System.Uri", "System.UriBuilder", "System.Decimal", "System.Range", "System.Index", "System.EventArgs",
        "System.Nullable`1", "System.Lazy`1", "System.Lazy`2", "System.WeakReference", "System.WeakReference`1", "System.Memory`1",
        "System.ReadOnlyMemory`1", "System.ArraySegment`1", "System.Span`1", "System.ReadOnlySpan`1", "System.Int128", "System.UInt128", "System.Half",
        "System.Attribute", "System.Random", "System.Type", "System.RuntimeTypeHandle", "System.HashCode",
        "System.Text.StringBuilder", "System.Text.UTF8Encoding", "System.Text.UnicodeEncoding", "System.Text.ASCIIEncoding", "System.Text.Encoding",
        "System.Globalization.CultureInfo", "System.StringComparer", "System.IO.MemoryStream", "System.IO.StringWriter", "System.IO.StringReader",
        "System.Net.IPAddress", "System.Net.IPEndPoint", "System.Net.DnsEndPoint", "System.Net.NetworkCredential", "System.Net.CookieContainer",
        "System.Threading.Lock", "System.Threading.SemaphoreSlim", "System.Threading.ManualResetEventSlim", "System.Threading.ReaderWriterLockSlim",
        "System.Threading.CancellationTokenSource", "System.Threading.CancellationToken", "System.Threading.AsyncLocal`1", "System.Threading.ThreadLocal`1",
        "System.Threading.CountdownEvent", "System.Threading.SpinLock", "System.Threading.Tasks.TaskCompletionSource",
        "System.Threading.ManualResetEvent", "System.Threading.AutoResetEvent", "System.Threading.EventWaitHandle",
        "System.Threading.Tasks.TaskCompletionSource`1", "System.Threading.Tasks.ValueTask", "System.Threading.Tasks.ValueTask`1",
        "System.Threading.Tasks.TaskFactory", "System.Diagnostics.Stopwatch",
        "System.Runtime.CompilerServices.StrongBox`1", "System.Runtime.CompilerServices.ConditionalWeakTable`2",
        "System.Runtime.CompilerServices.DefaultInterpolatedStringHandler", "System.Xml.XmlNameTable", "System.Xml.NameTable");

    // Static methods, by their type; an empty list means all of them.
    private static readonly FrozenDictionary<string, string[]> s_statics = new Dictionary<string, string[]>
    {
        ["System.String"] = [],
        ["System.Math"] = [],
        ["System.MathF"] = [],
        ["System.Char"] = [],
        ["System.Convert"] = [],
        ["System.BitConverter"] = [],
        ["System.TimeSpan"] = [],
        ["System.Decimal"] = [],
        ["System.Int32"] = [],
        ["System.Int64"] = [],
        ["System.Double"] = [],
        ["System.Boolean"] = [],
        ["System.Tuple"] = [],
        ["System.ValueTuple"] = [],
        ["System.Enum"] = [],
        ["System.Nullable"] = [],
        ["System.Nullable`1"] = [],
        ["System.Index"] = [],
        ["System.Range"] = [],
        ["System.Version"] = [],
        ["System.Object"] = ["ReferenceEquals", "Equals"],
        ["System.DateTime"] = ["op_Addition", "op_Subtraction", "SpecifyKind", "FromBinary"],
        ["System.DateTimeOffset"] = ["op_Addition", "op_Subtraction", "FromUnixTimeSeconds", "FromUnixTimeMilliseconds", "op_Implicit"],
        ["System.Guid"] = ["op_Equality", "op_Inequality", "Parse"],
        ["System.Array"] = ["Empty"],
        ["System.Type"] = ["GetTypeFromHandle", "op_Equality", "op_Inequality"],
        ["System.Delegate"] = ["op_Equality", "op_Inequality", "Combine"],
        ["System.StringComparer"] = [],
        ["System.MemoryExtensions"] = ["AsMemory", "AsSpan"],
        ["System.Span`1"] = ["op_Implicit"],
        ["System.ReadOnlySpan`1"] = ["op_Implicit"],
        ["System.Memory`1"] = ["op_Implicit"],
        ["System.ReadOnlyMemory`1"] = ["op_Implicit"],
        ["System.Linq.Enumerable"] = ["Empty"],
        ["System.IO.Path"] = ["Combine", "Join", "GetFileName", "GetExtension", "GetFileNameWithoutExtension", "GetDirectoryName"],
        ["System.Text.Encoding"] = [],
        ["System.Globalization.CultureInfo"] = ["get_InvariantCulture"],
        ["System.Threading.Tasks.Task"] = ["get_CompletedTask", "FromResult", "FromCanceled", "FromException"],
        ["System.Threading.Tasks.ValueTask"] = ["get_CompletedTask", "FromResult"],
        ["System.Threading.Tasks.TaskScheduler"] = ["get_Default"],
        ["System.Threading.CancellationToken"] = ["get_None"],
        ["System.Threading.Channels.Channel"] = [],
        ["System.TimeProvider"] = ["get_System"],
        ["System.Buffers.ArrayPool`1"] = ["get_Shared", "Create"],
        ["System.Collections.Generic.KeyValuePair"] = [],
        ["System.Collections.Generic.Comparer`1"] = [],
        ["System.Collections.Generic.EqualityComparer`1"] = [],
        ["System.Collections.Frozen.FrozenDictionary"] = [],
        ["System.Collections.Frozen.FrozenSet"] = [],
        ["System.Runtime.CompilerServices.RuntimeHelpers"] = ["CreateSpan"],
        ["System.Runtime.InteropServices.CollectionsMarshal"] = ["AsSpan"],
        ["System.Runtime.InteropServices.ImmutableCollectionsMarshal"] = ["AsImmutableArray"],
        ["System.Net.IPAddress"] = ["Parse"],
        ["System.Text.RegularExpressions.Regex"] = ["Escape"],
        ["Microsoft.Extensions.Options.Options"] = ["Create"],
    }.ToFrozenDictionary();

    // By convention a static property of such a name gives always the same.
    private static readonly FrozenSet<string> s_constants = FrozenSet.Create(
        "get_Empty", "get_Instance", "get_Default", "get_None", "get_Zero", "get_One", "get_MinValue", "get_MaxValue", "get_CompletedTask", "get_Unspecified");

    private static readonly FrozenSet<string> s_impure = FrozenSet.Create(
        "System.Diagnostics.Activity", "System.Environment", "System.AppContext", "System.AppDomain", "System.Threading.Thread");

    private static readonly FrozenSet<string> s_changes = FrozenSet.Create(
        "Add", "AddRange", "TryAdd", "Enqueue", "Push", "AddLast", "AddFirst", "Insert", "InsertRange", "UnionWith", "EnsureCapacity",
        "Append", "AppendLine", "AppendLiteral", "AppendFormatted", "Clear", "SetCount", "InitializeArray", "SetResult", "TrySetResult", "Cancel",
        "Set", "Reset", "SetCanceled", "TrySetCanceled");

    // Called for their effect on nothing that counts here.
    private static readonly FrozenSet<string> s_ignored = FrozenSet.Create(
        "System.ArgumentNullException", "System.ArgumentException", "System.ArgumentOutOfRangeException", "System.ObjectDisposedException",
        "System.GC", "System.Diagnostics.Debug", "System.Diagnostics.Trace", "System.Diagnostics.Contracts.Contract",
        "System.Threading.Monitor", "Midflight.Safepoint");

    /// <summary>Whether a call may be left out: guards, locks, safepoints.</summary>
    public static bool IsIgnored(CodeMethod method) => method.IsStatic && s_ignored.Contains(method.Type);

    /// <summary>Whether an object of the type is made without an effect, so that one can be made in a conversion.</summary>
    public static bool IsPure(string type) => s_types.Contains(type)
        || type.EndsWith("Exception", StringComparison.Ordinal) || SharedRules.IsTuple(type)
        || s_namespaces.Any(space => type.StartsWith(space, StringComparison.Ordinal));

    /// <summary>Whether a method changes just the object that it is called on, or is given first.</summary>
    public static bool Changes(CodeMethod method) => s_changes.Contains(method.Name)
        || (!method.IsStatic && method.Name.StartsWith("set_", StringComparison.Ordinal));

    /// <summary>Whether a method gives the same for the same and touches nothing.</summary>
    public static bool IsPure(CodeMethod method) => method.IsStatic
        ? (s_statics.TryGetValue(method.Type, out var names) && (names.Length == 0 || names.Contains(method.Name)))
            || (s_constants.Contains(method.Name) && !s_impure.Contains(method.Type))
            || (method.Type.StartsWith("System.Collections.Immutable.", StringComparison.Ordinal) && !Changes(method))
        : IsPure(method.Type) && !Changes(method) && method.Type is not ("System.Random" or "System.Diagnostics.Stopwatch" or "System.HashCode");
}
