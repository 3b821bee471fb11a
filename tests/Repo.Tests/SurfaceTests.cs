using System.Reflection;

namespace Repo.Tests;

/// <summary>The public surface of each shipped assembly, line by line in tests/api: a public member costs a line in a reviewed file.</summary>
public sealed class SurfaceTests
{
    [Theory]
    [InlineData("Midflight")]
    [InlineData("Midflight.Releases")]
    [InlineData("Midflight.Host")]
    [InlineData("Midflight.Hosting")]
    [InlineData("Midflight.Observer")]
    [InlineData("Midflight.AspNetCore")]
    [InlineData("Midflight.Shell")]
    [InlineData("Midflight.Testing")]
    public void The_public_surface_is_the_approved_one(string assembly)
    {
        var file = Path.Combine(Repository.Root, "tests", "api", assembly + ".txt");
        var surface = string.Join('\n', Lines(Assembly.Load(assembly))) + "\n";

        if (Environment.GetEnvironmentVariable("UPDATE_API") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, surface);
        }

        var approved = File.Exists(file) ? File.ReadAllText(file).Split('\n') : [];
        var now = surface.Split('\n');
        var difference = approved.Except(now).Select(line => $"- {line}").Concat(now.Except(approved).Select(line => $"+ {line}")).ToList();
        Assert.True(
            difference.Count == 0,
            $"The public surface of {assembly} has changed:\n{string.Join('\n', difference)}\nIf that is meant, run this test with UPDATE_API=1 and commit {file}.");
    }

    private static IEnumerable<string> Lines(Assembly assembly) => assembly.GetExportedTypes()
        .SelectMany(type => Members(type).Prepend(Declaration(type)))
        .Order(StringComparer.Ordinal);

    private static string Declaration(Type type) =>
        $"{type.FullName} : {(type.IsInterface ? "interface" : type.IsEnum ? "enum" : type.IsValueType ? "struct" : type.IsAbstract && type.IsSealed ? "static" : type.IsAbstract ? "abstract" : type.IsSealed ? "sealed" : "open")} {type.BaseType}";

    private static IEnumerable<string> Members(Type type) => type
        .GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        .Where(member => member is not Type && IsVisible(member) && !member.Name.Contains('<', StringComparison.Ordinal))
        .Select(member => $"{type.FullName}.{member}");

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        _ => false,
    };
}
