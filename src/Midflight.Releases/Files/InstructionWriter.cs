using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight.Releases;

/// <summary>Writes one instruction in the shortest form that means the same.</summary>
internal static class InstructionWriter
{
    public static void Write(Utf8JsonWriter json, Instruction instruction)
    {
        if (Word(instruction) is { } word)
        {
            json.WriteStringValue(word);
            return;
        }

        json.WriteStartObject();
        switch (instruction)
        {
            case HighLevel highLevel:
                WriteMembers(json, highLevel);
                break;
            case LowLevel lowLevel:
                WriteMembers(json, lowLevel);
                break;
            default:
                throw new ArgumentException($"An instruction that could not be read cannot be written: {instruction}");
        }

        json.WriteEndObject();
    }

    private static string? Word(Instruction instruction) => instruction switch
    {
        LowLevel.PointOfNoReturn => "point_of_no_return",
        LowLevel.RestartNewEmulator => "restart_new_emulator",
        LowLevel.RestartEmulator => "restart_emulator",
        LowLevel.Passed(var name) => name,
        _ => null,
    };

    private static void WriteMembers(Utf8JsonWriter json, HighLevel instruction)
    {
        switch (instruction)
        {
            case HighLevel.Update update:
                json.WriteString("update", update.Module);
                WriteChange(json, update);
                WritePurges(json, update.PrePurge, update.PostPurge);
                WriteDependsOn(json, update.DependsOn);
                break;
            case HighLevel.LoadModule load:
                json.WriteString("load_module", load.Module);
                WritePurges(json, load.PrePurge, load.PostPurge);
                WriteDependsOn(json, load.DependsOn);
                break;
            case HighLevel.AddModule add:
                json.WriteString("add_module", add.Module);
                WriteDependsOn(json, add.DependsOn);
                break;
            case HighLevel.DeleteModule delete:
                json.WriteString("delete_module", delete.Module);
                WriteDependsOn(json, delete.DependsOn);
                break;
            case HighLevel.AddApplication(var application, var type):
                json.WriteString("add_application", application);
                if (type != StartType.Permanent)
                {
                    json.WriteString("type", OtpWords.Of(type));
                }

                break;
            case HighLevel.RemoveApplication(var application):
                json.WriteString("remove_application", application);
                break;
            case HighLevel.RestartApplication(var application):
                json.WriteString("restart_application", application);
                break;
        }
    }

    private static void WriteMembers(Utf8JsonWriter json, LowLevel instruction)
    {
        switch (instruction)
        {
            case LowLevel.LoadObjectCode(var application, var version, var modules):
                json.WriteString("load_object_code", application);
                json.WriteString("version", version);
                json.WriteNames("modules", modules);
                break;
            case LowLevel.Load(var module, var pre, var post):
                json.WriteString("load", module);
                WritePurges(json, pre, post);
                break;
            case LowLevel.Remove(var module, var pre, var post):
                json.WriteString("remove", module);
                WritePurges(json, pre, post);
                break;
            case LowLevel.Purge(var modules):
                json.WriteNames("purge", modules);
                break;
            case LowLevel.Suspend(var modules):
                WriteSuspend(json, modules);
                break;
            case LowLevel.Resume(var modules):
                json.WriteNames("resume", modules);
                break;
            case LowLevel.CodeChange(var mode, var modules):
                WriteCodeChange(json, mode, modules);
                break;
            case LowLevel.Stop(var modules):
                json.WriteNames("stop", modules);
                break;
            case LowLevel.Start(var modules):
                json.WriteNames("start", modules);
                break;
            case LowLevel.SyncNodes(var id, var nodes):
                json.WritePropertyName("sync_nodes");
                id.WriteTo(json);
                WriteNodes(json, nodes);
                break;
            case LowLevel.Apply(var call):
                WriteCall(json, "apply", call);
                break;
        }
    }

    private static void WriteChange(Utf8JsonWriter json, HighLevel.Update update)
    {
        var supervisor = update is { Type: ModuleType.Static, Change: StateChange.Advanced { Extra: var given } } && IsEmptyList(given);
        if (update.Type == ModuleType.Static && !supervisor)
        {
            json.WriteString("type", OtpWords.Of(update.Type));
        }

        WriteTimeout(json, update.Timeout);
        if (supervisor)
        {
            json.WriteString("change", "supervisor");
        }
        else if (update.Change is StateChange.Advanced(var extra))
        {
            json.WriteStartObject("change");
            json.WritePropertyName("advanced");
            extra.WriteTo(json);
            json.WriteEndObject();
        }
    }

    private static bool IsEmptyList(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;

    private static void WriteTimeout(Utf8JsonWriter json, SuspendTimeout timeout)
    {
        switch (timeout)
        {
            case SuspendTimeout.Never:
                json.WriteString("timeout", "infinity");
                break;
            case SuspendTimeout.After(var milliseconds):
                json.WriteNumber("timeout", milliseconds);
                break;
        }
    }

    private static void WritePurges(Utf8JsonWriter json, PurgeMethod pre, PurgeMethod post)
    {
        if (pre == PurgeMethod.Soft)
        {
            json.WriteString("pre_purge", OtpWords.Of(pre));
        }

        if (post == PurgeMethod.Soft)
        {
            json.WriteString("post_purge", OtpWords.Of(post));
        }
    }

    private static void WriteDependsOn(Utf8JsonWriter json, ImmutableArray<string> modules)
    {
        if (!modules.IsEmpty)
        {
            json.WriteNames("depends_on", modules);
        }
    }

    private static void WriteSuspend(Utf8JsonWriter json, ImmutableArray<SuspendedModule> modules)
    {
        json.WriteStartArray("suspend");
        foreach (var (module, timeout) in modules)
        {
            if (timeout is SuspendTimeout.AsCall)
            {
                json.WriteStringValue(module);
                continue;
            }

            json.WriteStartObject();
            json.WriteString("module", module);
            WriteTimeout(json, timeout);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCodeChange(Utf8JsonWriter json, ChangeMode? mode, ImmutableArray<ModuleExtra> modules)
    {
        json.WriteStartArray("code_change");
        foreach (var (module, extra) in modules)
        {
            json.WriteStartObject();
            json.WriteString("module", module);
            json.WritePropertyName("extra");
            extra.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (mode is { } direction)
        {
            json.WriteString("mode", OtpWords.Of(direction));
        }
    }

    private static void WriteNodes(Utf8JsonWriter json, SyncedNodes nodes)
    {
        switch (nodes)
        {
            case SyncedNodes.Named(var names):
                json.WriteNames("nodes", names);
                break;
            case SyncedNodes.Computed(var call):
                WriteCall(json, "nodes", call);
                break;
        }
    }

    private static void WriteCall(Utf8JsonWriter json, string member, FunctionCall call)
    {
        json.WriteStartObject(member);
        json.WriteString("module", call.Module);
        json.WriteString("function", call.Function);
        json.WriteStartArray("arguments");
        foreach (var argument in call.Arguments)
        {
            argument.WriteTo(json);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
