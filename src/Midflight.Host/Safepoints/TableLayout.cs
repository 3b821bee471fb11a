namespace Midflight.Host;

/// <summary>The heaps whose offsets take four bytes: bits as metadata has them.</summary>
[Flags]
internal enum WideHeaps
{
    None = 0,
    Strings = 1,
    Guids = 2,
    Blobs = 4,
}

/// <summary>The columns of the metadata tables: ECMA-335 II.22, and those of portable debug symbols.</summary>
/// <remarks>
/// A column is a number of two or four bytes, an offset into a heap, a row of a table, or a row of one of several tables (a coded
/// index). The width of all but the numbers depends on how large the heaps and tables are.
/// </remarks>
internal static class TableLayout
{
    internal const int TableCount = 64;
    internal const int TypeRef = 0x01;
    internal const int MethodDef = 0x06;
    internal const int MemberRef = 0x0A;
    internal const int AssemblyRef = 0x23;
    internal const int MethodDebugInformation = 0x31;
    internal const int LocalScope = 0x32;

    private const int Absent = -1;

    // A row of one of several tables: how many bits tell the table, and the tables in the order of those bits.
    private sealed class Coded(int bits, int[] tables)
    {
        // Every offset takes two bytes as long as no table has more rows than the bits leave room for.
        internal int Width(ReadOnlySpan<int> rows)
        {
            foreach (var table in tables)
            {
                if (table != Absent && rows[table] >= 1 << (16 - bits))
                {
                    return 4;
                }
            }

            return 2;
        }
    }

    // By name as below.
    private static readonly Dictionary<string, Coded> s_coded = new()
    {
        ["TypeDefOrRef"] = new(2, [0x02, 0x01, 0x1B]),
        ["HasConstant"] = new(2, [0x04, 0x08, 0x17]),
        ["HasCustomAttribute"] = new(5, [0x06, 0x04, 0x01, 0x02, 0x08, 0x09, 0x0A, 0x00, 0x0E, 0x17, 0x14, 0x11, 0x1A, 0x1B, 0x20, 0x23, 0x26, 0x27, 0x28, 0x2A, 0x2C, 0x2B]),
        ["HasFieldMarshal"] = new(1, [0x04, 0x08]),
        ["HasDeclSecurity"] = new(2, [0x02, 0x06, 0x20]),
        ["MemberRefParent"] = new(3, [0x02, 0x01, 0x1A, 0x06, 0x1B]),
        ["HasSemantics"] = new(1, [0x14, 0x17]),
        ["MethodDefOrRef"] = new(1, [0x06, 0x0A]),
        ["MemberForwarded"] = new(1, [0x04, 0x06]),
        ["Implementation"] = new(2, [0x26, 0x23, 0x27]),
        ["CustomAttributeType"] = new(3, [Absent, Absent, 0x06, 0x0A]),
        ["ResolutionScope"] = new(2, [0x00, 0x1A, 0x23, 0x01]),
        ["TypeOrMethodDef"] = new(1, [0x02, 0x06]),
        ["HasDebugInformation"] = new(5, [0x06, 0x04, 0x01, 0x02, 0x08, 0x09, 0x0A, 0x00, 0x0E, 0x17, 0x14, 0x11, 0x1A, 0x1B, 0x20, 0x23, 0x26, 0x27, 0x28, 0x2A, 0x2C, 0x2B, 0x30, 0x32, 0x33, 0x34, 0x35]),
    };

    // 2 and 4: bytes of a number. S, G, B: the heaps of strings, GUIDs and blobs. A table by its number in hexadecimal.
    private static readonly string[][] s_columns = Parse("""
        00 2 S G G G
        01 ResolutionScope S S
        02 4 S S TypeDefOrRef #04 #06
        03 #04
        04 2 S B
        05 #06
        06 4 2 2 S B #08
        07 #08
        08 2 2 S
        09 #02 TypeDefOrRef
        0A MemberRefParent S B
        0B 2 HasConstant B
        0C HasCustomAttribute CustomAttributeType B
        0D HasFieldMarshal B
        0E 2 HasDeclSecurity B
        0F 2 4 #02
        10 4 #04
        11 B
        12 #02 #14
        13 #14
        14 2 S TypeDefOrRef
        15 #02 #17
        16 #17
        17 2 S B
        18 2 #06 HasSemantics
        19 #02 MethodDefOrRef MethodDefOrRef
        1A S
        1B B
        1C 2 MemberForwarded S #1A
        1D 4 #04
        20 4 2 2 2 2 4 B S S
        21 4
        22 4 4 4
        23 2 2 2 2 4 B S S B
        24 4 #23
        25 4 4 4 #23
        26 4 S B
        27 4 4 S S Implementation
        28 4 4 S Implementation
        29 #02 #02
        2A 2 2 TypeOrMethodDef S
        2B MethodDefOrRef B
        2C #2A TypeDefOrRef
        30 B G B G
        31 #30 B
        32 #06 #35 #33 #34 4 4
        33 2 2 S
        34 S B
        35 #35 B
        36 #06 #06
        37 HasDebugInformation G B
        """);

    /// <summary>Widths in bytes of a table's columns.</summary>
    /// <param name="table">The table's number.</param>
    /// <param name="rows">How many rows each table has.</param>
    /// <param name="heaps">Which heaps need offsets of four bytes.</param>
    /// <exception cref="NotSupportedException">A compiler writes no such table.</exception>
    internal static int[] Widths(int table, ReadOnlySpan<int> rows, WideHeaps heaps)
    {
        var columns = s_columns[table];

        if (columns.Length == 0)
        {
            throw new NotSupportedException($"The metadata table 0x{table:X2} is not known.");
        }

        var widths = new int[columns.Length];

        for (var i = 0; i < widths.Length; i++)
        {
            widths[i] = Width(columns[i], rows, heaps);
        }

        return widths;
    }

    private static int Width(string column, ReadOnlySpan<int> rows, WideHeaps heaps) => column switch
    {
        "2" => 2,
        "4" => 4,
        "S" => heaps.HasFlag(WideHeaps.Strings) ? 4 : 2,
        "G" => heaps.HasFlag(WideHeaps.Guids) ? 4 : 2,
        "B" => heaps.HasFlag(WideHeaps.Blobs) ? 4 : 2,
        ['#', ..] => rows[Convert.ToInt32(column[1..], 16)] < 0x10000 ? 2 : 4,
        _ => s_coded[column].Width(rows),
    };

    private static string[][] Parse(string text)
    {
        var columns = new string[TableCount][];
        Array.Fill(columns, []);

        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.TrimEntries);
            columns[Convert.ToInt32(words[0], 16)] = words[1..];
        }

        return columns;
    }
}
