using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Midflight.Releases.Packages;

namespace Midflight.Host.Control;

/// <summary>Records who asked the node for a change, and the outcome: one line each, in <c>run/NAME.audit.log</c>.</summary>
/// <remarks>
/// <code>2026-11-21 07:24:00.123Z user 1000 (anna) process 4711 install {"version":"0.2.0"} ok in 84 ms</code>
/// It is written when the outcome is known; for a request that ends the node, before. A line that cannot be written does not prevent the change.
/// </remarks>
internal sealed class AuditLog(TextWriter output, TimeProvider time) : IDisposable
{
    // For parameters and for an outcome; an expression of the shell contains its code.
    private const int Longest = 500;

    private readonly Lock _lock = new();

    /// <summary>Opens the log of a node.</summary>
    /// <exception cref="IOException">It cannot be written: a change that cannot be looked up afterwards must not be made.</exception>
    internal static AuditLog Open(ReleaseLayout layout, string name, TimeProvider time)
    {
        Directory.CreateDirectory(layout.Run);
        return new(new RotatedFile(layout.AuditLog(name), isOutput: false), time);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            output.Dispose();
        }
    }

    /// <summary>Starts the record of a request.</summary>
    /// <returns>Call it with the outcome when that is known.</returns>
    internal Action<string> Begin(Socket client, string method, JsonElement parameters)
    {
        var began = time.GetTimestamp();
        var who = SocketPeer.Of(client) is var (process, user) ? $"user {user}{NameOf(user)} process {process}" : "an unknown user";
        var what = parameters.ValueKind == JsonValueKind.Undefined ? "{}" : Excerpt(parameters.GetRawText());
        return outcome => Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{time.GetUtcNow():yyyy-MM-dd HH:mm:ss.fff}Z {who} {method} {what} {Excerpt(outcome)} in {time.GetElapsedTime(began).TotalMilliseconds:0} ms"));
    }

    private void Write(string line)
    {
        lock (_lock)
        {
            try
            {
                output.WriteLine(Printable.Line(line));
                output.Flush();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
            }
        }
    }

    private static string Excerpt(string text) => text.Length <= Longest ? text : string.Concat(text.AsSpan(0, Longest), "…");

    // As the machine knows it; for a remote directory, the number has to do.
    internal static string NameOf(int user)
    {
        try
        {
            return File.ReadLines("/etc/passwd", Encoding.UTF8)
                .Select(line => line.Split(':'))
                .FirstOrDefault(parts => parts.Length > 2 && parts[2] == user.ToString(CultureInfo.InvariantCulture)) is [var name, ..]
                ? $" ({name})"
                : "";
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
