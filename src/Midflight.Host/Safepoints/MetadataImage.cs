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
    private readonly List<(string Name, byte[] Bytes)> _streams = [];

    // Of the stream of tables: versions, and which tables are sorted.
    private readonly byte[] _tablesHead;
    private readonly List<uint[]>[] _rows = [.. Enumerable.Range(0, TableLayout.TableCount).Select(_ => new List<uint[]>())];

    // What is added to heaps.
    private readonly Dictionary<string, MemoryStream> _added = [];

    // Where debug symbols refer to rows of the assembly that they belong to.
    private readonly int[] _foreign = new int[TableLayout.TableCount];

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
            _streams.Add((Encoding.ASCII.GetString(bytes.Slice(at + 8, length)), bytes.Slice(offset, size).ToArray()));
            at += 8 + ((length + 4) & ~3);
        }

        var tables = Heap("#~");

        if (tables.Length == 0 || (tables[6] & ExtraData) != 0)
        {
            throw new NotSupportedException("Its metadata is that of an edited program.");
        }

        _tablesHead = tables[..24];
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
        var bytes = Heap("#Blob").AsSpan((int)offset);
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
        Pack();
        Replace("#~", WriteRows());
        var headers = _streams.Sum(stream => 8 + ((stream.Name.Length + 4) & ~3));
        var offset = _head.Length + 4 + headers;
        var output = new MemoryStream();
        output.Write(_head);
        output.Write([0, 0, (byte)_streams.Count, 0]);

        foreach (var (name, bytes) in _streams)
        {
            Put(output, (uint)offset, 4);
            Put(output, (uint)bytes.Length, 4);
            output.Write(Encoding.ASCII.GetBytes(name.PadRight((name.Length + 4) & ~3, '\0')));
            offset += bytes.Length;
        }

        foreach (var (_, bytes) in _streams)
        {
            output.Write(bytes);
        }

        return output.ToArray();
    }

    private uint Append(string heap, byte[] bytes)
    {
        if (!_added.TryGetValue(heap, out var added))
        {
            _added.Add(heap, added = new());
        }

        var offset = Heap(heap).Length + (int)added.Length;
        added.Write(bytes);
        return (uint)offset;
    }

    private void Pack()
    {
        foreach (var (heap, added) in _added)
        {
            var bytes = Heap(heap);
            var length = bytes.Length + (int)added.Length;
            Array.Resize(ref bytes, (length + 3) & ~3);
            added.ToArray().CopyTo(bytes, length - (int)added.Length);
            Replace(heap, bytes);
        }

        _added.Clear();
    }

    private byte[] Heap(string name) => _streams.Find(stream => stream.Name == name).Bytes ?? [];

    private void Replace(string name, byte[] bytes)
    {
        var at = _streams.FindIndex(stream => stream.Name == name);
        _streams[at < 0 ? throw new NotSupportedException($"It has no heap {name}.") : at] = (name, bytes);
    }

    private void ReadForeign()
    {
        if (Heap("#Pdb") is not { Length: > 0 } symbols)
        {
            return;
        }

        // Behind an id of 20 bytes and the entry point: which tables, and how many rows each has.
        var tables = BinaryPrimitives.ReadUInt64LittleEndian(symbols.AsSpan(24));

        for (var (table, at) = (0, 32); table < TableLayout.TableCount; table++)
        {
            if ((tables >> table & 1) != 0)
            {
                _foreign[table] = BinaryPrimitives.ReadInt32LittleEndian(symbols.AsSpan(at));
                at += 4;
            }
        }
    }

    private void ReadRows(byte[] bytes)
    {
        var present = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8));
        var counts = (int[])_foreign.Clone();
        var at = 24;

        for (var table = 0; table < TableLayout.TableCount; table++)
        {
            if ((present >> table & 1) != 0)
            {
                counts[table] = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
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
                        ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at))
                        : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
                    at += widths[column];
                }

                _rows[table].Add(columns);
            }
        }
    }

    private byte[] WriteRows()
    {
        var counts = _rows.Select((rows, table) => rows.Count > 0 ? rows.Count : _foreign[table]).ToArray();
        var present = 0UL;

        for (var table = 0; table < TableLayout.TableCount; table++)
        {
            present |= _rows[table].Count > 0 ? 1UL << table : 0;
        }

        var output = new MemoryStream();
        output.Write(_tablesHead);

        foreach (var rows in _rows.Where(rows => rows.Count > 0))
        {
            Put(output, (uint)rows.Count, 4);
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
        | (Heap("#Strings").Length < 0x10000 ? 0 : WideHeaps.Strings)
        | (Heap("#Blob").Length < 0x10000 ? 0 : WideHeaps.Blobs);

    private static void Put(Stream output, uint value, int width)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        output.Write(bytes[..width]);
    }
}
