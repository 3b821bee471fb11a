using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Midflight.Host;

/// <summary>Weaves safepoints into hot code before it is loaded: calls of <see cref="Safepoint.Check"/>, where a runaway process can be seen and killed.</summary>
/// <remarks>
/// <para>
/// What is written is the assembly as it was, with its last section longer: the woven bodies, and the metadata anew, with one reference
/// more and the rows of methods leading to those bodies. Tokens, names and the build's id stay; a vsn is worked out from the
/// assembly as it was built. Debug symbols follow, so that the lines of a stack are right.
/// </para>
/// <para>The record of the decision is <c>docs/decisions/0006-safepoints.md</c>.</para>
/// </remarks>
internal static partial class Weaver
{
    /// <summary>Switches weaving off for a node: <c>Midflight.Safepoints</c> in <c>runtimeconfig.json</c>. Default: on.</summary>
    internal static bool IsOn { get; } = !AppContext.TryGetSwitch("Midflight.Safepoints", out var on) || on;

    /// <summary>An assembly and its debug symbols with safepoints.</summary>
    /// <param name="bytes">The assembly.</param>
    /// <param name="symbols">Portable debug symbols; others are left out. Default: those that the assembly has in it.</param>
    /// <param name="name">What the log calls the assembly.</param>
    /// <param name="logger">Told of what is not woven. Default: nobody.</param>
    /// <returns>As they were, where there is nothing to weave, or something that no C# compiler writes.</returns>
    internal static (byte[] Bytes, byte[]? Symbols) Weave(byte[] bytes, byte[]? symbols, string name = "?", ILogger? logger = null)
    {
        symbols = symbols.AsSpan().StartsWith("BSJB"u8) ? symbols : null;

        if (!IsOn)
        {
            return (bytes, symbols);
        }

        try
        {
            return Woven(bytes, symbols);
        }
        // It is loaded as it is. Its processes run as well as ever; they cannot be killed in a loop.
        catch (Exception exception) when (exception is NotSupportedException or BadImageFormatException or ArgumentException or IndexOutOfRangeException)
        {
            if (logger is not null)
            {
                NotWoven(logger, name, exception.Message);
            }

            return (bytes, symbols);
        }
    }

    [LoggerMessage(EventId = 140, EventName = "NotWoven", Level = LogLevel.Warning, Message =
        "{Assembly} is loaded without safepoints: {Reason} Its processes cannot be killed inside a loop. To change that, build it as a plain assembly with portable debug symbols.")]
    private static partial void NotWoven(ILogger logger, string assembly, string reason);

    private static (byte[] Bytes, byte[]? Symbols) Woven(byte[] bytes, byte[]? symbols)
    {
        using var file = new PEReader(ImmutableCollectionsMarshal.AsImmutableArray(bytes));
        var headers = file.PEHeaders;
        var bodies = Bodies(file);

        if (bodies.Count == 0)
        {
            return (bytes, symbols);
        }

        if (headers.CorHeader!.ManagedNativeHeaderDirectory.Size != 0)
        {
            throw new NotSupportedException("It is compiled ahead of time, so its code would have no safepoints.");
        }

        var metadata = new MetadataImage(file.GetMetadata().GetContent().AsSpan());
        const uint Member = 0x0A000000;
        var (entry, check) = Reference(metadata, file.GetMetadataReader());
        var section = headers.SectionHeaders[^1];
        var end = section.PointerToRawData + section.SizeOfRawData;

        // A certificate is all that may stand behind the last section. It is that of the assembly as it was.
        if (end > bytes.Length)
        {
            throw new BadImageFormatException("Its last section is truncated.");
        }

        var added = new MemoryStream();
        var begin = section.VirtualAddress + section.SizeOfRawData;

        foreach (var (method, body) in bodies)
        {
            metadata.Rows(TableLayout.MethodDef)[method - 1][0] = (uint)(begin + added.Length);
            added.Write(body.Write(Member | entry, Member | check));
            added.SetLength(added.Position = (added.Length + 3) & ~3);
        }

        var at = (int)added.Length;
        var root = metadata.Write();
        added.Write(root);
        symbols ??= EmbeddedSymbols(file);
        return (Append(bytes, headers, added.ToArray(), at, root.Length), symbols is null ? null : Symbols(symbols, bodies));
    }

    // Symbols that are handed over beside an assembly go before those in it.
    private static unsafe byte[]? EmbeddedSymbols(PEReader file)
    {
        if (file.ReadDebugDirectory().FirstOrDefault(entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb) is not { DataSize: > 0 } entry)
        {
            return null;
        }

        using var provider = file.ReadEmbeddedPortablePdbDebugDirectoryData(entry);
        var reader = provider.GetMetadataReader();
        return new ReadOnlySpan<byte>(reader.MetadataPointer, reader.MetadataLength).ToArray();
    }

    private static Dictionary<int, WovenBody> Bodies(PEReader file)
    {
        var reader = file.GetMetadataReader();
        var bodies = new Dictionary<int, WovenBody>();

        foreach (var handle in reader.MethodDefinitions)
        {
            var method = reader.GetMethodDefinition(handle);

            // A kill in a static constructor would spoil its type for all others, and one that native code gets to see ends the node.
            if (method.RelativeVirtualAddress != 0
                && (method.ImplAttributes & MethodImplAttributes.CodeTypeMask) == MethodImplAttributes.IL
                && !reader.StringComparer.Equals(method.Name, ".cctor")
                && !IsCalledByNativeCode(reader, method)
                && WovenBody.Of(file.GetMethodBody(method.RelativeVirtualAddress)) is { } body)
            {
                bodies.Add(MetadataTokens.GetRowNumber(handle), body);
            }
        }

        return bodies;
    }

    private static bool IsCalledByNativeCode(MetadataReader reader, MethodDefinition method)
    {
        foreach (var attribute in method.GetCustomAttributes())
        {
            if (reader.GetCustomAttribute(attribute).Constructor is { Kind: HandleKind.MemberReference } constructor
                && reader.GetMemberReference((MemberReferenceHandle)constructor).Parent is { Kind: HandleKind.TypeReference } type
                && reader.StringComparer.Equals(reader.GetTypeReference((TypeReferenceHandle)type).Name, nameof(UnmanagedCallersOnlyAttribute)))
            {
                return true;
            }
        }

        return false;
    }

    // The rows of the methods that a safepoint calls, where a method begins and elsewhere.
    private static (uint Entry, uint Check) Reference(MetadataImage metadata, MetadataReader reader)
    {
        var name = typeof(Safepoint).Assembly.GetName();
        var assembly = 0U;

        foreach (var reference in reader.AssemblyReferences)
        {
            if (reader.StringComparer.Equals(reader.GetAssemblyReference(reference).Name, name.Name!))
            {
                assembly = (uint)MetadataTokens.GetRowNumber(reference);
                break;
            }
        }

        if (assembly == 0)
        {
            var version = name.Version!;
            assembly = metadata.AddRow(
                TableLayout.AssemblyRef,
                (uint)version.Major, (uint)version.Minor, (uint)version.Build, (uint)version.Revision, 0, 0, metadata.AddString(name.Name!), 0, 0);
        }

        // Resolution scope: an assembly has 2. Parent of a member: a type reference has 1.
        var type = metadata.AddRow(
            TableLayout.TypeRef, (assembly << 2) | 2, metadata.AddString(nameof(Safepoint)), metadata.AddString(typeof(Safepoint).Namespace!));
        var signature = metadata.AddBlob([0, 0, (byte)SignatureTypeCode.Void]);
        RefuseExit(metadata, reader, type);
        return (Method(nameof(Safepoint.Enter)), Method(nameof(Safepoint.Check)));

        uint Method(string method) => metadata.AddRow(TableLayout.MemberRef, (type << 3) | 1, metadata.AddString(method), signature);
    }

    // Whatever refers to Environment.Exit refers to Safepoint.Exit from now on, which has the same signature: calls and delegates alike.
    private static void RefuseExit(MetadataImage metadata, MetadataReader reader, uint safepoint)
    {
        foreach (var handle in reader.MemberReferences)
        {
            var member = reader.GetMemberReference(handle);

            if (reader.StringComparer.Equals(member.Name, nameof(Environment.Exit))
                && member.Parent is { Kind: HandleKind.TypeReference } parent
                && reader.GetTypeReference((TypeReferenceHandle)parent) is var type
                && type.ResolutionScope.Kind == HandleKind.AssemblyReference
                && reader.StringComparer.Equals(type.Namespace, nameof(System))
                && reader.StringComparer.Equals(type.Name, nameof(Environment)))
            {
                metadata.Rows(TableLayout.MemberRef)[MetadataTokens.GetRowNumber(handle) - 1][0] = (safepoint << 3) | 1;
            }
        }
    }

    private static byte[] Append(byte[] bytes, PEHeaders headers, byte[] added, int metadataAt, int metadataSize)
    {
        var header = headers.PEHeader!;
        var section = headers.SectionHeaders[^1];
        var size = Aligned(section.SizeOfRawData + added.Length, header.FileAlignment);
        var output = new byte[section.PointerToRawData + size];
        var end = section.PointerToRawData + section.SizeOfRawData;
        bytes.AsSpan(0, end).CopyTo(output);
        added.CopyTo(output, end);

        // Of a section's header of 40 bytes: virtual size at 8, raw size at 16.
        var sectionAt = headers.PEHeaderStartOffset + headers.CoffHeader.SizeOfOptionalHeader + (40 * (headers.SectionHeaders.Length - 1));
        Put(sectionAt + 8, size);
        Put(sectionAt + 16, size);
        Put(headers.PEHeaderStartOffset + 56, Aligned(section.VirtualAddress + size, header.SectionAlignment));
        // Of the directories the fifth: the certificate.
        output.AsSpan(headers.PEHeaderStartOffset + (header.Magic == PEMagic.PE32 ? 96 : 112) + (4 * 8), 8).Clear();
        Put(headers.CorHeaderStartOffset + 8, section.VirtualAddress + section.SizeOfRawData + metadataAt);
        Put(headers.CorHeaderStartOffset + 12, metadataSize);
        return output;

        void Put(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(output.AsSpan(at), value);

        static int Aligned(int value, int to) => (value + to - 1) / to * to;
    }

    private static byte[] Symbols(byte[] symbols, Dictionary<int, WovenBody> bodies)
    {
        var metadata = new MetadataImage(symbols);
        var methods = metadata.Rows(TableLayout.MethodDebugInformation);

        foreach (var (method, body) in bodies)
        {
            if (method <= methods.Count && methods[method - 1] is { } row && row[1] != 0)
            {
                row[1] = metadata.AddBlob(WovenLines.Of(metadata.Blob(row[1]), row[0] != 0, body));
            }
        }

        // Method, then imports, variables and constants, then offset and length.
        foreach (var scope in metadata.Rows(TableLayout.LocalScope))
        {
            if (bodies.TryGetValue((int)scope[0], out var body))
            {
                var from = body.Moved((int)scope[4]);
                (scope[4], scope[5]) = ((uint)from, (uint)(body.Moved((int)(scope[4] + scope[5])) - from));
            }
        }

        return metadata.Write();
    }
}
