namespace Midflight.Host;

/// <summary>The wire form of values: the shapes of their types once, and the values after.</summary>
/// <remarks>
/// <code>
/// file    magic, version, frame*
/// frame   length, kind, content
///         Types    the types that are met for the first time, and the shapes of those that are an application's
///         Value    one value; or whatever whoever writes the file says beside it
/// place   of a value type     its members one after another
///         of any other type   0 for null; 1 and the number of an object that was met before; or 2 + the number of its type, and its content
/// </code>
/// Numbers take seven bits a byte, the low ones first. Each value takes a byte at least, so that a count is never greater than what follows it. A frame with types stands
/// ahead of the first value that needs them; their numbers go on from frame to frame.
/// </remarks>
internal static class WireFormat
{
    internal const byte Version = 1;
    internal const byte Types = 1;
    internal const byte Value = 2;

    internal const uint Null = 0;
    internal const uint MetBefore = 1;
    internal const uint FirstType = 2;

    internal static ReadOnlySpan<byte> Magic => "MFWIRE"u8;
}

/// <summary>How much what is written may ask for before it is refused. What is within these bounds costs memory in proportion to its length.</summary>
internal sealed record WireLimits
{
    /// <summary>Bytes of one frame. Default: 1 GiB.</summary>
    public int Frame { get; init; } = 1 << 30;

    /// <summary>Types, and shapes, of all frames. Default: 20,000.</summary>
    public int Types { get; init; } = 20_000;

    /// <summary>Members, names of enums and type arguments in all shapes. Default: 500,000.</summary>
    public int Members { get; init; } = 500_000;

    /// <summary>How deep type arguments may lie in one another. Default: 16.</summary>
    public int Nesting { get; init; } = 16;

    /// <summary>Bytes of a struct with all structs in it, estimated. Default: 64 KiB.</summary>
    public int Struct { get; init; } = 1 << 16;
}

/// <summary>What was to be read is no wire form, or a damaged one. Nothing was made of it.</summary>
internal sealed class WireDamagedException : IOException
{
    /// <param name="what">What is wrong, as the end of a sentence.</param>
    /// <param name="inner">What .NET said of it.</param>
    public WireDamagedException(string what, Exception? inner = null)
        : base($"These values of a node cannot be read: {what}. Write them again on the node that they come from.", inner)
    {
    }
}
