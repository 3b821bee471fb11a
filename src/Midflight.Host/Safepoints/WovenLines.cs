using System.Reflection.Metadata;

namespace Midflight.Host;

/// <summary>The lines of a method's debug symbols, at the offsets that its code has once woven.</summary>
internal static class WovenLines
{
    /// <summary>Shifts the offsets in a blob of sequence points; all else is copied.</summary>
    /// <param name="points">The blob: portable debug symbols, "Sequence Points Blob".</param>
    /// <param name="hasDocument">Whether the method's row names its one document.</param>
    /// <param name="body">Where its offsets are now.</param>
    internal static unsafe byte[] Of(ReadOnlySpan<byte> points, bool hasDocument, WovenBody body)
    {
        var output = new BlobBuilder();

        fixed (byte* first = points)
        {
            var reader = new BlobReader(first, points.Length);
            output.WriteCompressedInteger(reader.ReadCompressedInteger());

            if (!hasDocument)
            {
                output.WriteCompressedInteger(reader.ReadCompressedInteger());
            }

            var (offset, moved) = (0, 0);

            for (var isFirst = true; reader.RemainingBytes > 0; isFirst = false)
            {
                var delta = reader.ReadCompressedInteger();

                if (delta == 0 && !isFirst)
                {
                    // Another document from here on.
                    output.WriteCompressedInteger(0);
                    output.WriteCompressedInteger(reader.ReadCompressedInteger());
                    continue;
                }

                offset += delta;
                output.WriteCompressedInteger(body.Moved(offset) - moved);
                moved = body.Moved(offset);
                var from = reader.Offset;

                // Lines and columns that it spans; and where it begins, unless it spans nothing: that is a hidden one.
                if (reader.ReadCompressedInteger() + reader.ReadCompressedInteger() != 0)
                {
                    reader.ReadCompressedInteger();
                    reader.ReadCompressedInteger();
                }

                output.WriteBytes(points[from..reader.Offset].ToArray());
            }
        }

        return output.ToArray();
    }
}
