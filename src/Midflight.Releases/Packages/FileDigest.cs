using System.Security.Cryptography;

namespace Midflight.Releases.Packages;

/// <summary>Identifies the content of a file by its digest and size.</summary>
/// <param name="Sha256">SHA-256 in 64 lower-case hexadecimal digits.</param>
/// <param name="Size">Length in bytes.</param>
public sealed record FileDigest(string Sha256, long Size)
{
    /// <summary>Digests a file.</summary>
    public static FileDigest Of(string path)
    {
        using var stream = File.OpenRead(path);
        return new(Convert.ToHexStringLower(SHA256.HashData(stream)), stream.Length);
    }

    /// <summary>Digests the content of a file.</summary>
    internal static FileDigest Of(ReadOnlySpan<byte> content) => new(Convert.ToHexStringLower(SHA256.HashData(content)), content.Length);
}
