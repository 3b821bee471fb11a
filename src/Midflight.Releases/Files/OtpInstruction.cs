using System.Collections.Immutable;
using System.Globalization;
using static Midflight.Releases.OtpText;

namespace Midflight.Releases;

/// <summary>Writes one instruction in OTP's notation, in the shortest form that means the same.</summary>
internal static class OtpInstruction
{
    public static string Of(Instruction instruction) => instruction switch
    {
        HighLevel.Update update => Update(update),
        HighLevel.LoadModule load when load is { PrePurge: PurgeMethod.Brutal, PostPurge: PurgeMethod.Brutal } =>
            WithDependencies("load_module", load.Module, load.DependsOn),
        HighLevel.LoadModule load =>
            $"{{load_module,{Atom(load.Module)},{OtpWords.Of(load.PrePurge)},{OtpWords.Of(load.PostPurge)},{Atoms(load.DependsOn)}}}",
        HighLevel.AddModule add => WithDependencies("add_module", add.Module, add.DependsOn),
        HighLevel.DeleteModule delete => WithDependencies("delete_module", delete.Module, delete.DependsOn),
        HighLevel.AddApplication(var application, StartType.Permanent) => $"{{add_application,{Atom(application)}}}",
        HighLevel.AddApplication(var application, var type) => $"{{add_application,{Atom(application)},{OtpWords.Of(type)}}}",
        HighLevel.RemoveApplication(var application) => $"{{remove_application,{Atom(application)}}}",
        HighLevel.RestartApplication(var application) => $"{{restart_application,{Atom(application)}}}",
        LowLevel lowLevel => Of(lowLevel),
        _ => throw new ArgumentException($"An instruction that could not be read cannot be written: {instruction}"),
    };

    private static string Of(LowLevel instruction) => instruction switch
    {
        LowLevel.LoadObjectCode(var application, var version, var modules) =>
            $"{{load_object_code,{{{Atom(application)},{Quote(version)},{Atoms(modules)}}}}}",
        LowLevel.PointOfNoReturn => "point_of_no_return",
        LowLevel.Load(var module, var pre, var post) => $"{{load,{{{Atom(module)},{OtpWords.Of(pre)},{OtpWords.Of(post)}}}}}",
        LowLevel.Remove(var module, var pre, var post) => $"{{remove,{{{Atom(module)},{OtpWords.Of(pre)},{OtpWords.Of(post)}}}}}",
        LowLevel.Purge(var modules) => $"{{purge,{Atoms(modules)}}}",
        LowLevel.Suspend(var modules) => $"{{suspend,[{string.Join(',', modules.Select(Suspended))}]}}",
        LowLevel.Resume(var modules) => $"{{resume,{Atoms(modules)}}}",
        LowLevel.CodeChange(null, var modules) => $"{{code_change,{Changed(modules)}}}",
        LowLevel.CodeChange({ } mode, var modules) => $"{{code_change,{OtpWords.Of(mode)},{Changed(modules)}}}",
        LowLevel.Stop(var modules) => $"{{stop,{Atoms(modules)}}}",
        LowLevel.Start(var modules) => $"{{start,{Atoms(modules)}}}",
        LowLevel.SyncNodes(var id, SyncedNodes.Named(var nodes)) => $"{{sync_nodes,{Term(id)},{Atoms(nodes)}}}",
        LowLevel.SyncNodes(var id, SyncedNodes.Computed(var call)) => $"{{sync_nodes,{Term(id)},{Call(call)}}}",
        LowLevel.Apply(var call) => $"{{apply,{Call(call)}}}",
        LowLevel.RestartNewEmulator => "restart_new_emulator",
        LowLevel.RestartEmulator => "restart_emulator",
        LowLevel.Passed(var name) => name,
        _ => throw new InvalidOperationException($"No notation for {instruction.GetType().Name}."),
    };

    private static string Update(HighLevel.Update update)
    {
        var (module, deps) = (Atom(update.Module), Atoms(update.DependsOn));
        var change = update.Change is StateChange.Advanced(var extra) ? $"{{advanced,{Term(extra)}}}" : "soft";
        var purges = $"{OtpWords.Of(update.PrePurge)},{OtpWords.Of(update.PostPurge)}";
        var plain = update is { Timeout: SuspendTimeout.AsCall, PrePurge: PurgeMethod.Brutal, PostPurge: PurgeMethod.Brutal };
        return (update.Type, plain) switch
        {
            (ModuleType.Static, true) when change == "{advanced,[]}" && update.DependsOn.IsEmpty => $"{{update,{module},supervisor}}",
            (ModuleType.Static, _) => $"{{update,{module},static,{Timeout(update.Timeout)},{change},{purges},{deps}}}",
            (_, true) when update.DependsOn.IsEmpty => change == "soft" ? $"{{update,{module}}}" : $"{{update,{module},{change}}}",
            (_, true) => $"{{update,{module},{change},{deps}}}",
            _ => $"{{update,{module},{Timeout(update.Timeout)},{change},{purges},{deps}}}",
        };
    }

    private static string WithDependencies(string name, string module, ImmutableArray<string> dependsOn) =>
        dependsOn.IsEmpty ? $"{{{name},{Atom(module)}}}" : $"{{{name},{Atom(module)},{Atoms(dependsOn)}}}";

    private static string Suspended(SuspendedModule suspended) => suspended.Timeout is SuspendTimeout.AsCall
        ? Atom(suspended.Module)
        : $"{{{Atom(suspended.Module)},{Timeout(suspended.Timeout)}}}";

    private static string Timeout(SuspendTimeout timeout) => timeout switch
    {
        SuspendTimeout.AsCall => "default",
        SuspendTimeout.After(var milliseconds) => milliseconds.ToString(CultureInfo.InvariantCulture),
        _ => "infinity",
    };

    private static string Changed(ImmutableArray<ModuleExtra> modules) =>
        $"[{string.Join(',', modules.Select(item => $"{{{Atom(item.Module)},{Term(item.Extra)}}}"))}]";

    // What a function of the node is given are names there, whatever they are here.
    private static string Call(FunctionCall call)
    {
        var arguments = ApplicationCall.From(call) is null
            ? call.Arguments.Select(Term)
            : call.Arguments.Select(argument => Atom(argument.GetString()!));
        return $"{{{Atom(call.Module)},{Atom(call.Function)},[{string.Join(',', arguments)}]}}";
    }
}
