using System.Reflection;

namespace Repo.Tests;

/// <summary>The drawing in docs/architecture.md: an assembly uses only what it lists.</summary>
public sealed class ArrowTests
{
    [Theory]
    [InlineData("Midflight")]
    [InlineData("Midflight.Releases")]
    [InlineData("Midflight.Host", "Midflight", "Midflight.Releases")]
    [InlineData("Midflight.Hosting", "Midflight", "Midflight.Releases", "Midflight.Host")]
    [InlineData("Midflight.Observer", "Midflight", "Midflight.Releases", "Midflight.Host")]
    [InlineData("Midflight.AspNetCore", "Midflight", "Midflight.Releases", "Midflight.Host", "Midflight.Hosting", "Midflight.Observer")]
    [InlineData("Midflight.Shell", "Midflight", "Midflight.Releases", "Midflight.Host")]
    [InlineData("Midflight.Testing", "Midflight", "Midflight.Releases", "Midflight.Host")]
    public void Assemblies_depend_only_inward(string name, params string[] allowed)
    {
        var used = Assembly.Load(name).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(used => used.StartsWith("Midflight", StringComparison.Ordinal));

        Assert.Empty(used.Except(allowed));
    }

    [Fact]
    public void What_is_frozen_until_a_node_restarts_references_the_BCL_and_the_logging_abstractions_only()
    {
        var used = Assembly.Load("Midflight").GetReferencedAssemblies().Select(reference => reference.Name!);
        Assert.Equal(
            ["Microsoft.Extensions.Logging.Abstractions"],
            used.Where(name => !name.StartsWith("System.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_node_does_not_load_the_compiler()
    {
        var used = Assembly.Load("Midflight.Host").GetReferencedAssemblies().Select(reference => reference.Name!);
        Assert.DoesNotContain(used, name => name.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal));
    }
}
