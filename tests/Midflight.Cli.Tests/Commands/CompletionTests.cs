using System.Runtime.Versioning;
using Midflight.Releases.Packages;

namespace Midflight.Cli.Tests.Commands;

[UnsupportedOSPlatform("windows")]
public sealed class CompletionTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("midflight-completion-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Commands_and_options_are_completed_by_whatever_path_the_command_is_typed()
    {
        var demo = CommandLine.OfRelease(_root, "demo");

        Assert.Equal(["unpack", "upgrade"], demo.Complete("/srv/demo/bin/demo u").Where(found => found[0] == 'u'));
        Assert.Contains("--no-commit", demo.Complete("bin/demo upgrade --"));
        Assert.Empty(demo.Complete("bin/de"));
        Assert.DoesNotContain("complete", demo.Complete("demo c"));
        Assert.Equal(["bash", "fish", "pwsh", "zsh"], CommandLine.OfMidflight().Complete("midflight completion "));
    }

    [Fact]
    public void A_version_is_completed_by_what_is_installed_and_what_lies_ready()
    {
        var layout = new ReleaseLayout(_root);
        Directory.CreateDirectory(layout.Releases);
        File.WriteAllText(Path.Combine(_root, "demo-0.2.0.tar.gz"), "");
        File.WriteAllText(Path.Combine(layout.Releases, "demo-0.3.0.tar.gz"), "");
        File.WriteAllText(Path.Combine(_root, "other-0.4.0.tar.gz"), "");

        Assert.Equal(["0.2.0", "0.3.0"], CommandLine.OfRelease(_root, "demo").Complete("demo upgrade "));
        Assert.Empty(CommandLine.OfRelease(Path.Combine(_root, "gone"), "demo").Complete("demo upgrade "));
    }

    [Fact]
    public async Task Bash_asks_the_program_that_is_typed()
    {
        var program = Path.Combine(_root, "demo-app");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec dotnet exec {Path.Combine(AppContext.BaseDirectory, "Midflight.Cli.dll")} client {_root} demo-app \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var script = $$"""
            source <("{{program}}" completion bash)
            complete -p demo-app
            COMP_WORDS=("{{program}}" downg)
            COMP_LINE="{{program}} downg"; COMP_POINT=${#COMP_LINE}
            _demo_app_complete
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        var result = (await CommandResult.Run("bash", "-c", script)).Succeeded();
        Assert.Equal("complete -o default -F _demo_app_complete demo-app\ndowngrade\n", result.Output);
    }

    [Theory]
    [InlineData("zsh", "compdef _demo_app_complete demo-app")]
    [InlineData("fish", "complete -c demo-app -a '(__demo_app_complete)'")]
    [InlineData("pwsh", "Register-ArgumentCompleter -Native -CommandName demo-app")]
    public void Other_shells_have_a_script_of_their_own(string shell, string line) =>
        Assert.Contains(line, Midflight.Cli.Commands.CompletionCommand.Script("demo-app", shell), StringComparison.Ordinal);
}
