using System.Runtime.Loader;

namespace Midflight.Host.Tests.Conversions;

/// <summary>Two code versions of one application, each in a context of its own, and the conversions between them.</summary>
internal sealed class Versions
{
    private readonly HotApplication _application = new("app");

    private Versions(string old, string now, string oldRelease, string release)
    {
        (Old, Now) = (Load(old, 1, oldRelease), Load(now, 2, release));
        (Up, Down) = (new(Now), new(Old));
    }

    public CodeVersion Old { get; }

    public CodeVersion Now { get; }

    public CodeConversion Up { get; }

    public CodeConversion Down { get; }

    /// <summary>Types of two versions; what makes a value of the old one, and what the new one says of it: <c>Session it => it.Age</c>.</summary>
    public static Versions Of(string old, string make, string now, string show, string oldRelease = "0.1.0", string release = "0.2.0") => new(
        $"{old} public static class T {{ public static object? Make() => {Ended(make)} }}",
        $"{now} public static class T {{ public static object? Show({show[..show.IndexOf(" => ", StringComparison.Ordinal)]}){Ended(show[show.IndexOf(" => ", StringComparison.Ordinal)..])} }}",
        oldRelease, release);

    /// <summary>What the new version says of a value of the old one.</summary>
    public static object? Cross(string old, string make, string now, string show, string oldRelease = "0.1.0", string release = "0.2.0") =>
        Of(old, make, now, show, oldRelease, release).Cross();

    /// <summary>The same types in both versions.</summary>
    public static object? Cross(string types, string make, string show) => Cross(types, make, types, show);

    /// <summary>Why a value of the old version is not taken over.</summary>
    public static string Refusal(string old, string make, string now)
    {
        var versions = Of(old, make, now, "object it => it");
        return Assert.Throws<ConversionRefusedException>(() => versions.Up.Receive(versions.Make()!)).Message;
    }

    public object? Make() => Old.FindType("T")!.GetMethod("Make")!.Invoke(null, null);

    public object? Cross()
    {
        var show = Now.FindType("T")!.GetMethod("Show")!;
        return show.Invoke(null, [Up.Convert(Make(), show.GetParameters()[0].ParameterType)]);
    }

    // What follows may bring functions of its own, the last of which may end in a block.
    private static string Ended(string code) => code.Contains("; static ", StringComparison.Ordinal) && code.EndsWith('}') ? code : code + ";";

    private CodeVersion Load(string source, int number, string release)
    {
        var context = new AssemblyLoadContext($"app {release}", isCollectible: true);
        var version = new CodeVersion(_application, number, release);
        version.Fill([context.LoadFromStream(new MemoryStream(Compile.Assembly("App", source, release).Bytes))], []);
        return version;
    }
}
