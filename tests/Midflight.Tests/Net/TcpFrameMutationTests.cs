using System.Buffers.Binary;
using System.Text;
using Midflight.Fuzz;

namespace Midflight.Tests.Net;

/// <summary>However bytes come and are cut, they become the same messages, or the fault that they are.</summary>
public sealed class TcpFrameMutationTests
{
    private static readonly string[] s_values = ["\n", "\r\n", "\r\r\n", "\0\0\0\u0001", "\0\0", "\u007f\u007f\u007f\u007f", "\u00e4", new('x', 60), new('\n', 9), "\0\0\0\0"];

    [Fact]
    public void Bytes_become_the_same_messages_however_they_are_cut() => Survive(20_000);

    [Fact]
    [Trait("Category", "Soak")]
    public void Bytes_become_the_same_messages_however_they_are_cut_a_million_times() => Survive(Mutant.Many);

    private static void Survive(int count)
    {
        for (var number = 0; number < count; number++)
        {
            var random = Mutant.Chance(number);
            var options = new TcpOptions
            {
                Framing = (TcpFraming)random.Next(3),
                LengthBytes = 1 << random.Next(3),
                MaxLine = random.Next(1, 80),
                MaxFrame = random.Next(1, 400),
            };
            var bytes = Mutant.Of(Right(options, random), random, s_values);

            Assert.True(Expected(bytes, options).SequenceEqual(Found(bytes, options, random)), $"{Mutant.Name(number)}, {options}: {Convert.ToHexString(bytes)}");
        }
    }

    // A few messages as the other side would send them.
    private static byte[] Right(TcpOptions options, Random random)
    {
        var stream = new MemoryStream();

        for (var left = random.Next(1, 12); left > 0; left--)
        {
            var content = new byte[random.Next(random.Next(1, 6) * 50)];
            Array.Fill(content, (byte)('a' + left));
            stream.Write(options.Framing == TcpFraming.Length ? TcpFrames.WithLength(content.AsSpan(0, Math.Min(content.Length, 200)), options.LengthBytes) : [.. content, (byte)'\n']);
        }

        return stream.ToArray();
    }

    // Of all at once, by the rule.
    private static List<string> Expected(byte[] bytes, TcpOptions options)
    {
        var expected = new List<string>();
        var rest = bytes.AsSpan();

        switch (options.Framing)
        {
            case TcpFraming.Raw:
                expected.Add(Convert.ToHexString(rest));
                break;
            case TcpFraming.Line:
                for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
                {
                    var line = rest[..(end > 0 && rest[end - 1] == '\r' ? end - 1 : end)];

                    if (line.Length > options.MaxLine)
                    {
                        break;
                    }

                    expected.Add(Encoding.UTF8.GetString(line));
                }

                expected.Add(rest.Length - (rest is [.., (byte)'\r'] ? 1 : 0) > options.MaxLine ? "fault" : "");
                break;
            default:
                while (rest.Length >= options.LengthBytes)
                {
                    var head = new byte[sizeof(uint)];
                    rest[..options.LengthBytes].CopyTo(head.AsSpan(sizeof(uint) - options.LengthBytes));
                    var length = BinaryPrimitives.ReadUInt32BigEndian(head);

                    if (length > options.MaxFrame)
                    {
                        expected.Add("fault");
                        return expected;
                    }

                    if (rest.Length - options.LengthBytes < length)
                    {
                        break;
                    }

                    expected.Add(Convert.ToHexString(rest.Slice(options.LengthBytes, (int)length)));
                    rest = rest[(options.LengthBytes + (int)length)..];
                }

                expected.Add("");
                break;
        }

        return expected;
    }

    private static List<string> Found(byte[] bytes, TcpOptions options, Random random)
    {
        var found = new List<string>();
        var frames = new TcpFrames(options);

        for (var rest = bytes.AsSpan(); ;)
        {
            var room = frames.Room();
            var size = Math.Min(Math.Min(rest.Length, room.Length), random.Next(1, random.Next(2, 300)));
            rest[..size].CopyTo(room);
            frames.Came(size);
            rest = rest[size..];

            while (frames.Next(null!) is { } message)
            {
                found.Add(message is TcpLine(_, var line) ? line : Convert.ToHexString(((TcpData)message).Bytes.Span));
            }

            if (frames.Fault is not null || rest.IsEmpty)
            {
                break;
            }

            if (random.Next(4) == 0)
            {
                frames.Shrink();
            }
        }

        var end = frames.Fault is null ? "" : "fault";
        frames.Return();
        return options.Framing == TcpFraming.Raw ? [string.Concat(found)] : [.. found, end];
    }
}
