using System.Buffers.Binary;
using System.Reflection.Metadata;

namespace Midflight.Host;

/// <summary>The body of one method, with a safepoint at its entry and at each turn of its loops.</summary>
/// <remarks>
/// <para>A turn is a jump backwards. Where its safepoint stands decides whether a <c>catch</c> can swallow the kill for ever:</para>
/// <code>
/// target begins no try    at the target: a kill thrown there leaves each try that it is in, and whoever comes back passes another one
/// target begins a try     at the jump: in the try its own catch sees it, which has to jump back too, from outside of that try
/// </code>
/// <para>A method that calls nothing cannot recurse, and gets none at its entry.</para>
/// </remarks>
internal sealed class WovenBody
{
    private const int CheckSize = 5;
    private const byte Call = 0x28;

    private readonly byte[] _code;
    private readonly MethodBodyBlock _body;
    private readonly List<Branch> _branches = [];

    // Whether a safepoint stands in front of an old offset.
    private readonly bool[] _checks;
    private bool _calls;
    private bool _checksEntry;

    // Where each old offset is in the new code; that of a safepoint where one stands in front of it.
    private readonly int[] _moved;

    // A jump: where it stands, its size, and where it goes. A switch has several goals.
    private sealed class Branch(int at, int end, int[] targets)
    {
        internal readonly int At = at;
        internal readonly int End = end;
        internal readonly int[] Targets = targets;
        internal bool IsShort;
        internal bool Grows;
    }

    private WovenBody(MethodBodyBlock body, byte[] code) =>
        (_body, _code, _checks, _moved) = (body, code, new bool[code.Length + 1], new int[code.Length + 1]);

    /// <summary>Weaves a method.</summary>
    /// <returns>Null where it needs no safepoint.</returns>
    /// <exception cref="NotSupportedException">It holds an instruction that is not known.</exception>
    internal static WovenBody? Of(MethodBodyBlock body)
    {
        var woven = new WovenBody(body, body.GetILBytes() ?? []);
        woven.Decode();
        woven.Place();

        if (!woven._checks.Contains(true) && !woven._checksEntry)
        {
            return null;
        }

        woven.Move();
        return woven;
    }

    /// <summary>Where an old offset, of a line or of a scope, is now.</summary>
    internal int Moved(int offset) => offset <= 0 ? offset : _moved[Math.Min(offset, _code.Length)];

    private void Decode()
    {
        for (var at = 0; at < _code.Length;)
        {
            var op = _code[at];
            var isShort = op is (>= 0x2B and <= 0x37) or 0xDE;
            var isBranch = isShort || op is (>= 0x38 and <= 0x44) or 0xDD;
            var size = op switch
            {
                0x45 => 5 + (4 * BinaryPrimitives.ReadInt32LittleEndian(_code.AsSpan(at + 1))),
                0xFE => 2 + OperandOfLong(_code[at + 1]),
                _ => isShort ? 2 : isBranch ? 5 : 1 + Operand(op),
            };
            var end = at + size;
            _calls |= op is Call or 0x29 or 0x6F or 0x73;

            if (op == 0x45)
            {
                var goals = new int[(size - 5) / 4];

                for (var i = 0; i < goals.Length; i++)
                {
                    goals[i] = end + BinaryPrimitives.ReadInt32LittleEndian(_code.AsSpan(at + 5 + (4 * i)));
                }

                _branches.Add(new(at, end, goals));
            }
            else if (isBranch)
            {
                var distance = isShort ? (sbyte)_code[at + 1] : BinaryPrimitives.ReadInt32LittleEndian(_code.AsSpan(at + 1));
                _branches.Add(new(at, end, [end + distance]) { IsShort = isShort });
            }

            at = end;
        }
    }

    // ECMA-335 III.1.2.1, without the branches.
    private static int Operand(byte op) => op switch
    {
        (>= 0x0E and <= 0x13) or 0x1F => 1,
        0x20 or 0x22 or (>= 0x27 and <= 0x29) or (>= 0x6F and <= 0x75) or 0x79 or (>= 0x7B and <= 0x81) or 0x8C or 0x8D or 0x8F
            or (>= 0xA3 and <= 0xA5) or 0xC2 or 0xC6 or 0xD0 => 4,
        0x21 or 0x23 => 8,
        <= 0x2A or (>= 0x46 and <= 0x6E) or 0x76 or 0x7A or (>= 0x82 and <= 0xC3) or (>= 0xD1 and <= 0xE0) => 0,
        _ => throw new NotSupportedException($"The instruction 0x{op:X2} is not known."),
    };

    private static int OperandOfLong(byte op) => op switch
    {
        0x06 or 0x07 or 0x15 or 0x16 or 0x1C => 4,
        >= 0x09 and <= 0x0E => 2,
        0x12 or 0x19 => 1,
        <= 0x1E => 0,
        _ => throw new NotSupportedException($"The instruction 0xFE{op:X2} is not known."),
    };

    private void Place()
    {
        var begins = new bool[_code.Length + 1];

        foreach (var region in _body.ExceptionRegions)
        {
            begins[region.TryOffset] = begins[region.HandlerOffset] = true;
        }

        foreach (var branch in _branches)
        {
            foreach (var target in branch.Targets)
            {
                if (target <= branch.At)
                {
                    _checks[begins[target] ? branch.At : target] = true;
                }
            }
        }

        _checksEntry = _calls && !_checks[0];
    }

    // Jumps stay as short as they can: how long a method is decides whether it is inlined.
    private void Move()
    {
        do
        {
            var shift = _checksEntry ? CheckSize : 0;
            var branch = 0;

            for (var at = 0; at <= _code.Length; at++)
            {
                if (branch < _branches.Count && _branches[branch].End == at)
                {
                    shift += _branches[branch++].Grows ? 3 : 0;
                }

                _moved[at] = at + shift;
                shift += _checks[at] ? CheckSize : 0;
            }
        }
        while (Grow());
    }

    private bool Grow()
    {
        var any = false;

        foreach (var branch in _branches.Where(branch => branch is { IsShort: true, Grows: false }))
        {
            if (_moved[branch.Targets[0]] - End(branch) is < sbyte.MinValue or > sbyte.MaxValue)
            {
                branch.Grows = any = true;
            }
        }

        return any;
    }

    // The offset behind a jump: not that of what follows, which may have a safepoint in front.
    private int Start(int at) => _moved[at] + (_checks[at] ? CheckSize : 0);

    private int End(Branch branch) => Start(branch.At) + (branch.End - branch.At) + (branch.Grows ? 3 : 0);

    /// <summary>The method as it is loaded: header, code, protected regions.</summary>
    /// <param name="entry">The token of what the safepoint calls with which the method begins.</param>
    /// <param name="check">The token of what the others call.</param>
    internal byte[] Write(uint entry, uint check)
    {
        var length = _moved[_code.Length];
        var regions = _body.ExceptionRegions;
        var tail = regions.Length == 0 ? 0 : 4 + (24 * regions.Length);
        var bytes = new byte[12 + (tail == 0 ? length : ((length + 3) & ~3) + tail)];
        var flags = 0x3003 | (_body.LocalVariablesInitialized ? 0x10 : 0) | (tail == 0 ? 0 : 0x08);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)flags);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)_body.MaxStack);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), _body.LocalSignature.IsNil ? 0 : System.Reflection.Metadata.Ecma335.MetadataTokens.GetToken(_body.LocalSignature));
        WriteCode(bytes.AsSpan(12, length), entry, check);

        if (tail > 0)
        {
            WriteRegions(bytes.AsSpan(bytes.Length - tail));
        }

        return bytes;
    }

    private void WriteCode(Span<byte> code, uint entry, uint check)
    {
        if (_checksEntry)
        {
            WriteCheck(code, entry);
        }

        // What lies between two jumps or safepoints moves as a whole.
        var cuts = (bool[])_checks.Clone();
        cuts[_code.Length] = true;

        foreach (var branch in _branches)
        {
            cuts[branch.At] = cuts[branch.End] = true;
        }

        for (var (from, at) = (0, 0); at <= _code.Length; at++)
        {
            if (_checks[at])
            {
                WriteCheck(code[_moved[at]..], check);
            }

            if (cuts[at])
            {
                _code.AsSpan(from, at - from).CopyTo(code[Start(from)..]);
                from = at;
            }
        }

        foreach (var branch in _branches)
        {
            WriteBranch(code[Start(branch.At)..], branch);
        }
    }

    private static void WriteCheck(Span<byte> code, uint check)
    {
        code[0] = Call;
        BinaryPrimitives.WriteUInt32LittleEndian(code[1..], check);
    }

    private void WriteBranch(Span<byte> code, Branch branch)
    {
        var end = End(branch);

        if (branch is { IsShort: true, Grows: false })
        {
            code[1] = (byte)(sbyte)(_moved[branch.Targets[0]] - end);
            return;
        }

        if (branch.Grows)
        {
            // From the short form of an instruction to its long one.
            code[0] = code[0] == 0xDE ? (byte)0xDD : (byte)(code[0] + 0x0D);
        }

        var operand = branch.End - branch.At > 5 || code[0] == 0x45 ? 5 : 1;

        for (var i = 0; i < branch.Targets.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(code[(operand + (4 * i))..], _moved[branch.Targets[i]] - end);
        }
    }

    private void WriteRegions(Span<byte> section)
    {
        BinaryPrimitives.WriteInt32LittleEndian(section, 0x41 | (section.Length << 8));

        foreach (var region in _body.ExceptionRegions)
        {
            section = section[(section.Length % 24 == 4 ? 4 : 24)..];
            var (begin, end) = (_moved[region.TryOffset], _moved[region.TryOffset + region.TryLength]);
            var (handler, handled) = (_moved[region.HandlerOffset], _moved[region.HandlerOffset + region.HandlerLength]);
            BinaryPrimitives.WriteInt32LittleEndian(section, (int)region.Kind);
            BinaryPrimitives.WriteInt32LittleEndian(section[4..], begin);
            BinaryPrimitives.WriteInt32LittleEndian(section[8..], end - begin);
            BinaryPrimitives.WriteInt32LittleEndian(section[12..], handler);
            BinaryPrimitives.WriteInt32LittleEndian(section[16..], handled - handler);
            BinaryPrimitives.WriteInt32LittleEndian(section[20..], region.Kind switch
            {
                ExceptionRegionKind.Filter => _moved[region.FilterOffset],
                ExceptionRegionKind.Catch => System.Reflection.Metadata.Ecma335.MetadataTokens.GetToken(region.CatchType),
                _ => 0,
            });
        }
    }
}
