using System.Buffers.Binary;
using System.Text;

namespace Midflight.Host;

/// <summary>The metadata of an assembly or of debug symbols, taken apart so that it can be added to.</summary>
/// <remarks>Rows keep their numbers and heaps their offsets, so tokens and signatures stay as they are; only widths may change.</remarks>
internal sealed class MetadataImage
{
    private const int ExtraData = 0x40;

    // Signature, versions and the name of the runtime.
    private readonly byte[] _head;
    private readonly List<Heap> _heaps = [];

    // Of the stream of tables: versions, and which tables are sorted.
    private readonly byte[] _tablesHead;
    private readonly List<uint[]>[] _rows = new List<uint[]>[TableLayout.TableCount];

    // Where debug symbols refer to rows of the assembly that they belong to.
    private readonly int[] _foreign = new int[TableLayout.TableCount];

    // One of its streams: a heap, or that of the tables.
    private sealed class Heap(string name, byte[] bytes)
    {
        internal readonly string Name = name;
        internal byte[] Bytes = bytes;

        // How much of it counts: what is added grows into an array that is longer.
        internal int Length = bytes.Length;
    }

    /// <exception cref="NotSupportedException">It is not laid out as a compiler does it.</exception>
    internal MetadataImage(ReadOnlySpan<byte> bytes)
    {
        var versionLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        var at = 16 + versionLength;
        _head = bytes[..at].ToArray();
        var count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 2)..]);
        at += 4;

        for (var i = 0; i < count; i++)
        {
            var offset = BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
            var size = BinaryPrimitives.ReadInt32LittleEndian(bytes[(at + 4)..]);
            var length = bytes[(at + 8)..].IndexOf((byte)0);
            _heaps.Add(new(Encoding.ASCII.GetString(bytes.Slice(at + 8, length)), bytes.Slice(offset, size).ToArray()));
            at += 8 + ((length + 4) & ~3);
        }

        var tables = Bytes("#~");

        if (tables.Length == 0 || (tables[6] & ExtraData) != 0)
        {
            throw new NotSupportedException("Its metadata is that of an edited program.");
        }

        _tablesHead = tables[..24].ToArray();

        for (var table = 0; table < _rows.Length; table++)
        {
            _rows[table] = [];
        }

        ReadForeign();
        ReadRows(tables);
    }

    /// <summary>The rows of a table, each with its columns; the first has number 1.</summary>
    internal List<uint[]> Rows(int table) => _rows[table];

    /// <summary>Adds a row.</summary>
    /// <returns>Its number.</returns>
    internal uint AddRow(int table, params uint[] columns)
    {
        _rows[table].Add(columns);
        return (uint)_rows[table].Count;
    }

    internal uint AddString(string text) => Append("#Strings", [.. Encoding.UTF8.GetBytes(text), 0]);

    internal uint AddBlob(ReadOnlySpan<byte> blob)
    {
        var length = blob.Length;
        byte[] prefix = length < 0x80 ? [(byte)length]
            : length < 0x4000 ? [(byte)(0x80 | (length >> 8)), (byte)length]
            : [(byte)(0xC0 | (length >> 24)), (byte)(length >> 16), (byte)(length >> 8), (byte)length];
        return Append("#Blob", [.. prefix, .. blob]);
    }

    /// <summary>A blob by its offset.</summary>
    internal ReadOnlySpan<byte> Blob(uint offset)
    {
        var bytes = Bytes("#Blob")[(int)offset..];
        var (length, prefix) = (bytes[0] & 0xC0) switch
        {
            0xC0 => (((bytes[0] & 0x1F) << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3], 4),
            0x80 => (((bytes[0] & 0x3F) << 8) | bytes[1], 2),
            _ => (bytes[0], 1),
        };
        return bytes.Slice(prefix, length);
    }

    /// <summary>All of it again, as it is loaded.</summary>
    internal byte[] Write()
    {
        var tables = Find("#~")!;
        tables.Bytes = WriteRows();
        tables.Length = tables.Bytes.Length;
        var offset = _head.Length + 4;

        foreach (var heap in _heaps)
        {
            // Padded, as the next one begins at a multiple of four; the bytes behind the length are zero.
            heap.Length = (heap.Length + 3) & ~3;
            Array.Resize(ref heap.Bytes, heap.Length);
            offset += 8 + Padded(heap.Name);
        }

        var output = new MemoryStream();
        output.Write(_head);
        output.Write([0, 0, (byte)_heaps.Count, 0]);

        foreach (var heap in _heaps)
        {
            Put(output, (uint)offset, 4);
            Put(output, (uint)heap.Length, 4);
            output.Write(Encoding.ASCII.GetBytes(heap.Name.PadRight(Padded(heap.Name), '\0')));
            offset += heap.Length;
        }

        foreach (var heap in _heaps)
        {
            output.Write(heap.Bytes);
        }

        return output.ToArray();

        // With the zero behind it.
        static int Padded(string name) => (name.Length + 4) & ~3;
    }

    private uint Append(string name, byte[] bytes)
    {
        var heap = Find(name) ?? throw new NotSupportedException($"It has no heap {name}.");
        var offset = heap.Length;
        heap.Length += bytes.Length;

        if (heap.Length > heap.Bytes.Length)
        {
            Array.Resize(ref heap.Bytes, 2 * heap.Length);
        }

        bytes.CopyTo(heap.Bytes, offset);
        return (uint)offset;
    }

    private Heap? Find(string name)
    {
        foreach (var heap in _heaps)
        {
            if (heap.Name == name)
            {
                return heap;
            }
        }

        return null;
    }

    private ReadOnlySpan<byte> Bytes(string name) => Find(name) is { } heap ? heap.Bytes.AsSpan(0, heap.Length) : [];

    private void ReadForeign()
    {
        var symbols = Bytes("#Pdb");

        if (symbols.IsEmpty)
        {
            return;
        }

        // Behind an id of 20 bytes and the entry point: which tables, and how many rows each has.
        var tables = BinaryPrimitives.ReadUInt64LittleEndian(symbols[24..]);

        for (int table = 0, at = 32; table < TableLayout.TableCount; table++)
        {
            if ((tables >> table & 1) != 0)
            {
                _foreign[table] = BinaryPrimitives.ReadInt32LittleEndian(symbols[at..]);
                at += 4;
            }
        }
    }

    private void ReadRows(ReadOnlySpan<byte> bytes)
    {
        var present = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        var counts = (int[])_foreign.Clone();
        var at = 24;

        for (var table = 0; table < TableLayout.TableCount; table++)
        {
            if ((present >> table & 1) != 0)
            {
                counts[table] = BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
                at += 4;
            }
        }

        for (var table = 0; table < TableLayout.TableCount; table++)
        {
            if ((present >> table & 1) == 0)
            {
                continue;
            }

            var widths = TableLayout.Widths(table, counts, (WideHeaps)_tablesHead[6]);

            for (var row = 0; row < counts[table]; row++)
            {
                var columns = new uint[widths.Length];

                for (var column = 0; column < columns.Length; column++)
                {
                    columns[column] = widths[column] == 2
                        ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..])
                        : BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
                    at += widths[column];
                }

                _rows[table].Add(columns);
            }
        }
    }

    private byte[] WriteRows()
    {
        var counts = (int[])_foreign.Clone();
        var present = 0UL;
        var output = new MemoryStream();
        output.Write(_tablesHead);

        for (var table = 0; table < TableLayout.TableCount; table++)
        {
            if (_rows[table].Count is > 0 and var count)
            {
                counts[table] = count;
                present |= 1UL << table;
                Put(output, (uint)count, 4);
            }
        }

        for (var table = 0; table < TableLayout.TableCount; table++)
        {
            var widths = _rows[table].Count > 0 ? TableLayout.Widths(table, counts, Wide()) : [];

            foreach (var row in _rows[table])
            {
                for (var column = 0; column < row.Length; column++)
                {
                    Put(output, row[column], widths[column]);
                }
            }
        }

        output.SetLength((output.Length + 3) & ~3);
        var bytes = output.ToArray();
        bytes[6] = (byte)Wide();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), present);
        return bytes;
    }

    private WideHeaps Wide() => (WideHeaps)_tablesHead[6]
        | (Bytes("#Strings").Length < 0x10000 ? 0 : WideHeaps.Strings)
        | (Bytes("#Blob").Length < 0x10000 ? 0 : WideHeaps.Blobs);

    private static void Put(Stream output, uint value, int width)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        output.Write(bytes[..width]);
    }
}
