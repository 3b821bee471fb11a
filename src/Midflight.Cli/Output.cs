#pragma warning disable RS0030 // The one place that writes to the console.

using System.Text.Json;
using Midflight.Host;
using Midflight.Host.Control;

namespace Midflight.Cli;

/// <summary>What people and programs read: answers on standard output, errors on standard error. Control characters that would move a terminal's cursor are escaped.</summary>
internal static class Output
{
    private static readonly JsonSerializerOptions s_indented = new(ControlJson.Options) { WriteIndented = true };

    public static void Line(string text) => Console.Out.WriteLine(Printable.Text(text));

    /// <summary>Where a node logs.</summary>
    public static TextWriter Log => Console.Out;

    public static void Error(string text) => Console.Error.WriteLine(Printable.Text(text));

    /// <summary>Writes a value as indented JSON.</summary>
    public static void Json<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, s_indented));
}
