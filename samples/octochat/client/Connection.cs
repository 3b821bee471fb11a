using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Unicode;

namespace OctochatClient;

/// <summary>One client: a real TCP connection with at most one line on its way.</summary>
/// <remarks>One that talks sends its next line as soon as the last is answered; the others only keep their connection.</remarks>
public sealed class Connection : IDisposable
{
    // What others in the room say comes unasked, and begins so.
    private const byte Said = (byte)'[';

    private readonly Crowd _crowd;
    private readonly Socket _socket;
    private readonly int _number;
    private readonly bool _talks;
    private readonly byte[] _received = new byte[1024];
    private readonly byte[] _expected = new byte[128];

    // Under _gate: the reader and whoever asks both send.
    private readonly Lock _gate = new();
    private readonly Queue<Question> _questions = new();
    private readonly List<string> _heard = [];
    private Question? _asked;
    private int _expectedLength;
    private long _sentAt;
    private long _lines;
    private bool _ended;

    internal Connection(Crowd crowd, Socket socket, int number, bool talks) =>
        (_crowd, _socket, _number, _talks) = (crowd, socket, number, talks);

    /// <summary>What others have said in the room since this was last asked.</summary>
    public string[] Heard()
    {
        lock (_gate)
        {
            string[] heard = [.. _heard];
            _heard.Clear();
            return heard;
        }
    }

    /// <summary>Sends a line when the one on its way is answered, and waits for the answer.</summary>
    /// <param name="line">What to send.</param>
    /// <param name="patience">How long to wait; ten seconds by default.</param>
    /// <exception cref="IOException">The connection was dropped.</exception>
    /// <exception cref="TimeoutException">No answer came within that time.</exception>
    public Task<string> Ask(string line, TimeSpan? patience = null)
    {
        var question = new Question(line);

        lock (_gate)
        {
            if (_ended)
            {
                throw new IOException($"Connection {_number} was dropped.");
            }

            _questions.Enqueue(question);

            if (_sentAt == 0)
            {
                SendNext();
            }
        }

        return question.Answer.Task.WaitAsync(patience ?? TimeSpan.FromSeconds(10));
    }

    /// <summary>How long the line on its way has waited by now; zero if there is none.</summary>
    internal TimeSpan Waiting => Volatile.Read(ref _sentAt) is var sent and not 0 ? Stopwatch.GetElapsedTime(sent) : TimeSpan.Zero;

    internal async Task Run()
    {
        try
        {
            lock (_gate)
            {
                SendNext();
            }

            for (var filled = 0; ;)
            {
                var count = await _socket.ReceiveAsync(_received.AsMemory(filled), SocketFlags.None);

                if (count == 0)
                {
                    break;
                }

                filled = Answers(filled + count);
            }
        }
        catch (SocketException)
        {
        }
        catch (ObjectDisposedException)
        {
        }

        End();
    }

    // Whole lines are answers; what is left of the next one moves to the front.
    private int Answers(int filled)
    {
        var rest = _received.AsSpan(0, filled);

        lock (_gate)
        {
            while (rest.IndexOf((byte)'\n') is var end and >= 0)
            {
                Answered(rest[..end]);
                rest = rest[(end + 1)..];
            }
        }

        rest.CopyTo(_received);
        return rest.Length;
    }

    private void Answered(ReadOnlySpan<byte> line)
    {
        if (line is [Said, ..])
        {
            _heard.Add(Encoding.UTF8.GetString(line));
            return;
        }

        if (_sentAt == 0)
        {
            _crowd.AddWrong();
            return;
        }

        _crowd.AddAnswer(Waiting);

        if (_asked is { } question)
        {
            question.Answer.TrySetResult(Encoding.UTF8.GetString(line));
        }
        else if (!line.SequenceEqual(_expected.AsSpan(0, _expectedLength)))
        {
            _crowd.AddWrong();
        }

        SendNext();
    }

    private void SendNext()
    {
        if (_ended)
        {
            return;
        }

        if (_questions.TryDequeue(out _asked))
        {
            Send(Encoding.UTF8.GetBytes(_asked.Line + "\n"));
        }
        else if (_talks && !_crowd.IsQuiet)
        {
            Utf8.TryWrite(_expected, $"echo: connection {_number}, line {++_lines}", out _expectedLength);
            _expected[_expectedLength] = (byte)'\n';
            Send(_expected.AsSpan("echo: ".Length, _expectedLength + 1 - "echo: ".Length));
        }
        else
        {
            Volatile.Write(ref _sentAt, 0);
        }
    }

    // A few bytes, with nothing else on their way: they always fit.
    private void Send(ReadOnlySpan<byte> line)
    {
        Volatile.Write(ref _sentAt, Stopwatch.GetTimestamp());
        _socket.Send(line);
    }

    private void End()
    {
        lock (_gate)
        {
            if (!_ended)
            {
                _ended = true;
                _crowd.AddDropped();
            }

            Volatile.Write(ref _sentAt, 0);
            var lost = new IOException($"Connection {_number} was dropped.");
            _asked?.Answer.TrySetException(lost);

            foreach (var question in _questions)
            {
                question.Answer.TrySetException(lost);
            }

            _questions.Clear();
        }
    }

    /// <summary>Closes the connection; that does not count as dropped.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
        }

        _socket.Dispose();
    }

    private sealed record Question(string Line)
    {
        public TaskCompletionSource<string> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
