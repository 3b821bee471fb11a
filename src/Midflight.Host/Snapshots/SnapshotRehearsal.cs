using System.Collections.Immutable;
using System.Diagnostics;
using Midflight.Releases.Packages;

namespace Midflight.Host;

/// <summary>Runs what an upgrade would do with the values of a snapshot: converts them, makes their code change, and throws the results away.</summary>
/// <remarks>
/// The code of the release is loaded into this process, but none of its applications is started. Of the application run module initialisers, constructors of modules,
/// <c>[Convert]</c>, <c>CodeChange</c>, comparers and what keys compare with: no less and no more than in an upgrade.
/// </remarks>
internal sealed class SnapshotRehearsal : IAsyncDisposable
{
    // How long a code change may take: as in an upgrade.
    private static readonly TimeSpan s_patience = InstallSettings.Default.CodeChangeTimeout;

    private readonly WireFile _file;
    private readonly Node _node = new(null, null, null, isHidden: true);
    private readonly CodeServer _code;
    private readonly StandIns _references;
    private readonly Losses _losses = new();
    private readonly Dictionary<string, WireBinding> _bindings = [];
    private readonly Dictionary<string, ModuleTally> _modules = [];
    private readonly List<(string Where, string Why)> _problems = [];
    private readonly List<string> _notes = [];

    private SnapshotRehearsal(WireFile file)
    {
        _file = file;
        _code = new CodeServer(_node, Conversions.For);
        _references = new(_node);
    }

    /// <summary>Rehearses a release on a snapshot.</summary>
    /// <param name="snapshot">The file.</param>
    /// <param name="layout">Where the release lies.</param>
    /// <param name="version">Its version.</param>
    /// <exception cref="IOException">The snapshot is damaged, or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The release is.</exception>
    internal static async Task<RehearsalReport> Run(string snapshot, ReleaseLayout layout, string version)
    {
        var bytes = await File.ReadAllBytesAsync(snapshot).ConfigureAwait(false);
        await using var rehearsal = new SnapshotRehearsal(WireFile.Read(bytes));
        var installed = InstalledCode.Read(layout, version);
        var loaded = rehearsal._code.PrepareNow(installed.Images(), Readiness.Loaded);

        if ((loaded is LoadResult.Refused(var why) ? why : rehearsal._code.Flip(loaded.OrThrow())) is { } refusal)
        {
            throw new InvalidDataException($"{installed.Boot.Name} {version} cannot be loaded here: {refusal}");
        }

        return rehearsal.Run(installed.Boot.Name, version);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var binding in _bindings.Values)
        {
            binding.Dispose();
        }

        await _node.DisposeAsync().ConfigureAwait(false);
    }

    private RehearsalReport Run(string release, string version)
    {
        var began = Stopwatch.GetTimestamp();
        SnapshotFrame.OfNode? of = null;
        var leftOut = new List<string>();
        var (messages, stored) = (0, 0);

        foreach (var frame in _file.Values)
        {
            var from = new WireInput(frame);

            switch (SnapshotFrame.Read(from))
            {
                case SnapshotFrame.OfNode node:
                    of = node;
                    break;
                case SnapshotFrame.LeftOut(var what, var why):
                    leftOut.Add($"{what}: {why}");
                    break;
                case SnapshotFrame.OfProcess process:
                    Process(process, from);
                    break;
                case SnapshotFrame.OfMessage(var module, var application):
                    messages++;
                    Value($"a message to {module}", application, from);
                    break;
                case SnapshotFrame.OfStored(var title, var application):
                    stored++;
                    Value(title, application, from);
                    break;
            }
        }

        if (of is null)
        {
            throw new WireDamagedException("it does not say of which node it is");
        }

        if (of.Release != release)
        {
            _notes.Add($"The snapshot is of {of.Release}, and the release is {release}.");
        }

        return new(
            $"{of.Release} {of.Version}", $"{release} {version}", of.Taken, _modules.Values.Sum(module => module.Processes), messages, stored,
            Math.Round(Stopwatch.GetElapsedTime(began).TotalMilliseconds, 1),
            [.. _modules.Values.OrderBy(module => module.Module, StringComparer.Ordinal).Select(module => module.Row)],
            _losses.Sentences,
            [.. _problems.GroupBy(problem => problem).Select(group => $"{group.Key.Where}{(group.Count() > 1 ? $", {group.Count()} times" : "")}: {group.Key.Why}")],
            [.. leftOut.Distinct()], [.. _notes.Distinct()]);
    }

    private void Process(SnapshotFrame.OfProcess process, WireInput from)
    {
        if (!_modules.TryGetValue(process.Module, out var tally))
        {
            _modules.Add(process.Module, tally = new(process.Application, process.Module));
        }

        tally.Processes++;

        if (_code.Find(process.Application)?.Current?.Version is not { } target)
        {
            _notes.Add($"{process.Application} is not in the release: its processes would end.");
            tally.Becomes("ends");
            return;
        }

        if (target.FindType(process.Module) is not { } type || !typeof(Behaviour).IsAssignableFrom(type))
        {
            _problems.Add((process.Module, $"It is not in {target}, but processes run it. Keep the module, or stop its processes in the upgrade."));
            tally.Becomes("refused");
            return;
        }

        var began = Stopwatch.GetTimestamp();

        if (Attempt(process.Module, () => Change(process, target, type, from)) is { } how)
        {
            tally.Becomes(how);
        }
        else
        {
            tally.Becomes("refused");
        }

        tally.Took(Stopwatch.GetElapsedTime(began));
    }

    private string Change(SnapshotFrame.OfProcess process, CodeVersion target, Type type, WireInput from)
    {
        var module = target.Modules.Get(type);
        var vsn = _code.Find(process.Application)!.Current!.Vsn(process.Module) ?? "";
        var changes = module.ChangesCode && vsn != process.Vsn;
        var binding = Binding(process.Application, target);
        var body = module.CreateBody(binding.Read(from, module.StateType, _references, changes));

        if (!changes)
        {
            return binding.Converts ? "converted" : "unchanged";
        }

        body.Version = target;
        var cell = _references.Of(process.Number).Cell!;
        var changing = Task.Run(() => ProcessSwitch.As(cell, _ => body.ChangeCode(new OldVsn(process.Vsn, IsDown: false), null)));

        if (!changing.ContinueWith(static _ => { }, TaskScheduler.Default).Wait(s_patience))
        {
            throw new TimeoutException($"CodeChange did not come to an end within {s_patience.TotalSeconds:0} s. Let it change the state and nothing else.");
        }

        changing.GetAwaiter().GetResult();
        return "code change";
    }

    private void Value(string where, string application, WireInput from)
    {
        var target = _code.Find(application)?.Current?.Version ?? (application.Length == 0 ? _code.Which()[0].Current!.Version : null);

        if (target is not null)
        {
            Attempt(where, () => Binding(application, target).Read(from, typeof(object), _references) ?? "");
        }
    }

    private T? Attempt<T>(string where, Func<T> step)
        where T : class
    {
        try
        {
            return step();
        }
        catch (WireDamagedException)
        {
            throw;
        }
        // Written conversions and code changes may throw anything.
        catch (Exception exception)
        {
            _problems.Add((where, exception is ConversionRefusedException or TimeoutException ? exception.Message : $"{exception.GetType().Name}: {exception.Message}"));
            return null;
        }
    }

    private WireBinding Binding(string application, CodeVersion target)
    {
        if (!_bindings.TryGetValue(application, out var binding))
        {
            _bindings.Add(application, binding = new(_file, target, new CodeConversion(target) { Losses = _losses }));
        }

        return binding;
    }

    // What becomes of the processes of one module. The gravest of them counts.
    private sealed class ModuleTally(string application, string module)
    {
        private static readonly string[] s_order = ["unchanged", "converted", "code change", "ends", "refused"];

        private int _becomes;
        private TimeSpan _took;
        private TimeSpan _longest;

        public string Module => module;

        public int Processes { get; set; }

        public RehearsedModule Row => new(application, module, Processes, s_order[_becomes], Math.Round(_took.TotalMilliseconds, 2), Math.Round(_longest.TotalMilliseconds, 2));

        public void Becomes(string how) => _becomes = Math.Max(_becomes, Array.IndexOf(s_order, how));

        public void Took(TimeSpan time) => (_took, _longest) = (_took + time, time > _longest ? time : _longest);
    }
}

/// <summary>What came of a rehearsal on a snapshot.</summary>
/// <param name="From">The release that the snapshot is of.</param>
/// <param name="To">The release that was rehearsed.</param>
/// <param name="Taken">When the snapshot was taken.</param>
/// <param name="Processes">How many processes are in it.</param>
/// <param name="Messages">How many messages that waited for them.</param>
/// <param name="Stored">How many entries of tables and other stores.</param>
/// <param name="Milliseconds">How long all of it took, on one processor, compilation included.</param>
/// <param name="Modules">What becomes of the processes, module by module.</param>
/// <param name="Losses">What would be lost that the new code does not say is meant, each with what to write.</param>
/// <param name="Problems">What would make the upgrade fail, each with what to do.</param>
/// <param name="LeftOut">What the snapshot does not have, so that nothing is known of it.</param>
/// <param name="Notes">What is worth knowing and no obstacle.</param>
internal sealed record RehearsalReport(
    string From, string To, DateTimeOffset Taken, int Processes, int Messages, int Stored, double Milliseconds, ImmutableArray<RehearsedModule> Modules,
    ImmutableArray<string> Losses, ImmutableArray<string> Problems, ImmutableArray<string> LeftOut, ImmutableArray<string> Notes);

/// <param name="Application">Whose module it is.</param>
/// <param name="Module">The module.</param>
/// <param name="Processes">How many processes run it.</param>
/// <param name="Becomes"><c>unchanged</c>, <c>converted</c>, <c>code change</c>, <c>ends</c> or <c>refused</c>: the gravest of them.</param>
/// <param name="Milliseconds">How long all of them took.</param>
/// <param name="Longest">How long the slowest of them took.</param>
internal sealed record RehearsedModule(string Application, string Module, int Processes, string Becomes, double Milliseconds, double Longest);
