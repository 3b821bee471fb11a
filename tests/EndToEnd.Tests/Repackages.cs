using Midflight.Releases;

namespace EndToEnd.Tests;

/// <summary>Packages of octochat 0.2.0 that restart the node, each made once.</summary>
public sealed class Repackages : IDisposable
{
    private readonly Lazy<Task<Repacked>> _last = new(() => Repacked.Of(repacked => repacked.ChangeRelup(
        script => [.. script.Instructions, new LowLevel.RestartEmulator()])));

    private readonly Lazy<Task<Repacked>> _later = new(() => Repacked.Of(repacked => repacked.ChangeMidflight()));

    private readonly Lazy<Task<Repacked>> _notRunning = new(() => Repacked.Of(repacked =>
        File.WriteAllText(Path.Combine(repacked.Layout.Root, repacked.ChangeMidflight(), "Midflight.Cli.dll"), "no program")));

    private readonly Lazy<Task<Repacked>> _notStarting = new(() => Repacked.Of(repacked =>
    {
        const string Start = "\"mod\": {\n    \"module\": \"Octochat.";
        repacked.ChangeRelup(_ => [new LowLevel.PointOfNoReturn(), new LowLevel.RestartEmulator()]);
        var file = repacked.Layout.AppFile("octochat", "0.2.0");
        var text = File.ReadAllText(file);
        Assert.Contains(Start, text, StringComparison.Ordinal);
        File.WriteAllText(file, text.Replace(Start, $"{Start}Missing", StringComparison.Ordinal));
    }));

    /// <summary>Its relup ends with a restart.</summary>
    public Task<string> RestartingLast => Package(_last);

    /// <summary>It carries a later Midflight.</summary>
    public Task<string> OnLaterMidflight => Package(_later);

    /// <summary>It carries a later Midflight, which does not run.</summary>
    public Task<string> NotRunning => Package(_notRunning);

    /// <summary>It is reached by nothing but a restart, and does not start.</summary>
    public Task<string> NotStarting => Package(_notStarting);

    private static async Task<string> Package(Lazy<Task<Repacked>> repacked) => (await repacked.Value).Package;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var made in new[] { _last, _later, _notRunning, _notStarting }.Where(made => made.IsValueCreated && made.Value.IsCompletedSuccessfully))
        {
            made.Value.Result.Dispose();
        }
    }
}
