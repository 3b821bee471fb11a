using System.Security.Cryptography;
using System.Text;

namespace Midflight.Releases.Packages;

/// <summary>The keys whose releases a node takes: every <c>*.pem</c> in the folder <c>keys</c> of its root.</summary>
/// <remarks>
/// <para>
/// A key is the public half of one of ECDSA (P-256, P-384 or P-521) in PEM, as <c>openssl ec -pubout</c> writes it. A release is signed by
/// <c>releases/VERSION/manifest.sig</c>: lines of base64, each the signature (DER, SHA-256) of the bytes of <c>manifest.json</c>, which has the digest of
/// every other file. One by a trusted key is enough; so while a key is replaced, releases are signed with both.
/// </para>
/// <para><c>base64 -d manifest.sig | openssl dgst -sha256 -verify KEY.pem -signature /dev/stdin manifest.json</c> checks one without Midflight.</para>
/// </remarks>
public sealed class TrustedKeys
{
    private readonly List<ECDsa> _keys;

    private TrustedKeys(string folder, List<ECDsa> keys) => (Folder, _keys) = (folder, keys);

    /// <summary>Where they lie.</summary>
    public string Folder { get; }

    /// <summary>Reads the keys of a node.</summary>
    /// <returns>Null where there are none: then every package is taken.</returns>
    /// <exception cref="InvalidDataException">One cannot be read: that must not open the door to everybody.</exception>
    public static TrustedKeys? Read(ReleaseLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (!Directory.Exists(layout.Keys))
        {
            return null;
        }

        var keys = Directory.EnumerateFiles(layout.Keys, "*.pem").Order(StringComparer.Ordinal).Select(ReadKey).ToList();
        return keys.Count == 0 ? null : new(layout.Keys, keys);
    }

    /// <summary>Signs a manifest.</summary>
    /// <param name="manifest">Its bytes.</param>
    /// <param name="keyFile">A private key in PEM, as <c>openssl ecparam -genkey -name prime256v1 -noout</c> writes it.</param>
    /// <returns>The line for <c>manifest.sig</c>.</returns>
    /// <exception cref="InvalidDataException">The key cannot be read, or is no private one.</exception>
    public static string Sign(ReadOnlySpan<byte> manifest, string keyFile)
    {
        using var key = ReadKey(keyFile);

        try
        {
            return Convert.ToBase64String(key.SignData(manifest, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }
        catch (CryptographicException error)
        {
            throw new InvalidDataException($"{keyFile} cannot sign: {error.Message} Give the private key, not the public one.", error);
        }
    }

    /// <summary>Why a release is not trusted, behind its name; null where a trusted key has signed it.</summary>
    internal string? Problem(ReadOnlySpan<byte> manifest, byte[]? signatures)
    {
        if (signatures is null)
        {
            return "is not signed";
        }

        foreach (var line in Encoding.ASCII.GetString(signatures).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var signature = new byte[line.Length];

            if (!Convert.TryFromBase64String(line, signature, out var length))
            {
                continue;
            }

            foreach (var key in _keys)
            {
                if (key.VerifyData(manifest, signature.AsSpan(0, length), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))
                {
                    return null;
                }
            }
        }

        return "is not signed by a key that is trusted here";
    }

    private static ECDsa ReadKey(string file)
    {
        var key = ECDsa.Create();

        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            return key;
        }
        catch (Exception error) when (error is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new InvalidDataException($"{file} is not an ECDSA key in PEM format: {error.Message} Make one with `openssl ecparam -genkey -name prime256v1 -noout`, or remove it.", error);
        }
    }
}
