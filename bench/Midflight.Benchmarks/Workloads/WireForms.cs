using System.Diagnostics;
using System.Runtime.Loader;
using System.Text.Json;
using Midflight.Host;

namespace Midflight.Benchmarks.Workloads;

/// <summary>A record of four members, written and read back. The peer is System.Text.Json.</summary>
internal static class WireForms
{
    private const int Many = 100_000;

    private static readonly CodeVersion s_version = Load(1, CodeVersions.Image(1, Releases.KeepMode.Retained).Assemblies[0]);
    private static readonly CodeVersion s_other = Load(2, CodeVersions.Image(2, Releases.KeepMode.Retained).Assemblies[0]);
    private static readonly Type s_type = s_version.FindType("Count")!;
    private static readonly object s_value = Activator.CreateInstance(s_type, 7, "counter", 123_456L, 3)!;

    internal static readonly Workload[] All =
    [
        new("wire-record", "ns", () => Task.FromResult(Nanoseconds())) { Channels = () => Task.FromResult(JsonNanoseconds()) },
        new("wire-record-size", "bytes", () => Task.FromResult(Bytes())) { Channels = () => Task.FromResult((double)JsonSerializer.SerializeToUtf8Bytes(s_value, s_type).Length) },
        new("wire-record-converted", "ns", () => Task.FromResult(Converted())),
    ];

    private static CodeVersion Load(int number, AssemblyImage image)
    {
        var version = new CodeVersion(new HotApplication("counter"), number, $"0.{number}.0");
        version.Fill([new AssemblyLoadContext("wire").LoadFromStream(new MemoryStream(image.Bytes))], []);
        return version;
    }

    // As between two who know each other's shapes: they go once, ahead of all values.
    private static double Nanoseconds()
    {
        using var to = new MemoryStream(Many * 64);
        var began = Stopwatch.GetTimestamp();
        var writer = new WireWriter(to);

        for (var i = 0; i < Many; i++)
        {
            writer.Write(s_value);
        }

        return Read(to, s_version, began);
    }

    private static double Converted()
    {
        using var to = new MemoryStream(Many * 64);
        var writer = new WireWriter(to);

        for (var i = 0; i < Many; i++)
        {
            writer.Write(s_value);
        }

        return Read(to, s_other, Stopwatch.GetTimestamp());
    }

    private static double Read(MemoryStream written, CodeVersion version, long began)
    {
        var file = WireFile.Read(written.GetBuffer().AsMemory(0, (int)written.Length));
        using var binding = new WireBinding(file, version);
        var wanted = version.FindType("Count")!;
        object? last = null;

        foreach (var value in file.Values)
        {
            last = binding.Read(new(value), wanted, WireReferences.None);
        }

        var each = Workload.Each(began, Many);
        Workload.Require(last!.GetType() == wanted && last.ToString()!.Contains("123456", StringComparison.Ordinal));
        return each;
    }

    private static double JsonNanoseconds()
    {
        var began = Stopwatch.GetTimestamp();
        object? last = null;

        for (var i = 0; i < Many; i++)
        {
            last = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(s_value, s_type), s_type);
        }

        var each = Workload.Each(began, Many);
        Workload.Require(Equals(last, s_value));
        return each;
    }

    private static double Bytes()
    {
        using var to = new MemoryStream();
        var writer = new WireWriter(to);
        writer.Write(s_value);
        return writer.Write(s_value);
    }
}
