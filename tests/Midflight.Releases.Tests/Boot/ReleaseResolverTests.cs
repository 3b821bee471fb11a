using System.Text;
using Midflight.Releases.Tests.Relups;

namespace Midflight.Releases.Tests.Boot;

public sealed class ReleaseResolverTests
{
    private readonly ApplicationLibrary _library = new();

    [Fact]
    public void Applications_start_after_those_they_use_and_else_in_the_order_of_the_release()
    {
        var release = Resolve(Named("c", uses: "b"), Named("a"), Named("b"));

        Assert.Equal(["b", "c", "a"], BootGenerator.Generate(release).Start.Select(start => start.Application));
    }

    [Fact]
    public void An_included_application_is_loaded_first_and_started_by_who_includes_it()
    {
        var boot = BootGenerator.Generate(Resolve(Named("a") with { IncludedApplications = ["b"] }, Named("b")));

        Assert.Equal(["b", "a"], boot.Load.ToArray());
        Assert.Equal("a", Assert.Single(boot.Start).Application);
    }

    [Fact]
    public void Who_uses_an_included_application_starts_after_the_one_that_includes_it()
    {
        var release = Resolve(Named("c", uses: "b"), Named("a") with { IncludedApplications = ["b"] }, Named("b"));

        Assert.Equal(["a", "c"], BootGenerator.Generate(release).Start.Select(start => start.Application));
        Assert.Equal(["a"], release.Find("c")!.Spec.Applications.ToArray());
    }

    [Fact]
    public void A_boot_script_survives_its_file()
    {
        var written = BootFile.Write(BootGenerator.Generate(Resolve(Named("a"), Named("b", uses: "a"))));

        Assert.True(BootFile.Read("boot.json", Encoding.UTF8.GetBytes(written)).Succeeded(out var boot, out _));
        Assert.Equal(written, BootFile.Write(boot));
    }

    [Fact]
    public void A_release_that_does_not_fit_together_is_refused_with_what_to_do()
    {
        Refused("b is used but not in the release. Add it to the release's applications, or remove it from those that use it.", Named("a", uses: "b"));
        Refused(
            "b, a depend on each other in a circle, so none can start first. Remove one of them from the other's applications.",
            Named("a", uses: "b"),
            Named("b", uses: "a"));
        Refused(
            "a, b include each other in a circle, so none starts the others. Let one of them only depend on the other.",
            Named("a") with { IncludedApplications = ["b"] },
            Named("b") with { IncludedApplications = ["a"] });
        Refused(
            "a and b both register server. Rename it in one of them.",
            Named("a") with { Registered = ["server"] },
            Named("b") with { Registered = ["server"] });
        Refused(
            "a and b both have the module Shared. Rename it in one of them.",
            Named("a") with { Modules = [new("Shared")] },
            Named("b") with { Modules = [new("Shared")] });
    }

    [Fact]
    public void Another_version_than_the_release_lists_is_told_with_its_folder()
    {
        _library.Add(Named("a"));
        var outcome = ReleaseResolver.Resolve(new ReleaseSpec("demo", "1", "10.0", [new("a", "2.0")]), _library);

        Assert.Equal(
            "a 2.0 is in the release, but lib/a-1.0 has 1.0. Build version 2.0, or change the release.",
            Assert.IsType<ReleaseOutcome.Refused>(outcome).Problem.ToString());
    }

    private static ApplicationSpec Named(string name, params string[] uses) => new(name, "1.0") { Applications = [.. uses] };

    private static void Refused(string sentence, params ApplicationSpec[] applications)
    {
        var outcome = Try(new ApplicationLibrary(), applications);
        Assert.Equal(sentence, Assert.IsType<ReleaseOutcome.Refused>(outcome).Problem.ToString());
    }

    private Release Resolve(params ApplicationSpec[] applications) =>
        Assert.IsType<ReleaseOutcome.Resolved>(Try(_library, applications)).Release;

    private static ReleaseOutcome Try(ApplicationLibrary library, ApplicationSpec[] applications)
    {
        foreach (var application in applications)
        {
            library.Add(application);
        }

        return ReleaseResolver.Resolve(Some.Release("1", [.. applications]), library);
    }
}
