namespace Midflight.Host;

/// <summary>One value as bytes that stand for themselves, with the shapes of all its types.</summary>
internal static class WireForm
{
    /// <summary>Writes a value.</summary>
    /// <exception cref="ConversionRefusedException">Something in it has no wire form; the refusal has the way to it and what to do.</exception>
    public static byte[] Write(object? value, WireMasks? masks = null)
    {
        using var to = new MemoryStream();
        new WireWriter(to, masks).Write(value);
        return to.ToArray();
    }

    /// <summary>Reads a value as a code version has it.</summary>
    /// <param name="bytes">What <see cref="Write"/> has written, in whatever version of the application; or anything else.</param>
    /// <param name="target">The code version; null for values that have nothing of an application in them.</param>
    /// <param name="wanted">As what it is wanted.</param>
    /// <param name="references">What references in it lead to. Default: nothing.</param>
    /// <exception cref="WireDamagedException">It is damaged.</exception>
    /// <exception cref="ConversionRefusedException">The code version cannot take it over.</exception>
    public static object? Read(ReadOnlyMemory<byte> bytes, CodeVersion? target, Type wanted, WireReferences? references = null)
    {
        var file = WireFile.Read(bytes);
        using var binding = new WireBinding(file, target);
        return file.Values is [var value] ? binding.Read(new(value), wanted, references ?? WireReferences.None) : throw new WireDamagedException($"it has {file.Values.Length} values where there should be one");
    }
}
