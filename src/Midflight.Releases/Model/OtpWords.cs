namespace Midflight.Releases;

/// <summary>The words for the closed choices, as OTP and our files write them.</summary>
internal static class OtpWords
{
    public static string Of(StartType type) => type switch
    {
        StartType.Permanent => "permanent",
        StartType.Transient => "transient",
        StartType.Temporary => "temporary",
        StartType.Load => "load",
        _ => "none",
    };

    public static StartType? ToStartType(string word) => word switch
    {
        "permanent" => StartType.Permanent,
        "transient" => StartType.Transient,
        "temporary" => StartType.Temporary,
        "load" => StartType.Load,
        "none" => StartType.None,
        _ => null,
    };

    public static string Of(PurgeMethod method) => method == PurgeMethod.Soft ? "soft_purge" : "brutal_purge";

    public static PurgeMethod? ToPurgeMethod(string word) => word switch
    {
        "soft_purge" => PurgeMethod.Soft,
        "brutal_purge" => PurgeMethod.Brutal,
        _ => null,
    };

    public static string Of(ModuleType type) => type == ModuleType.Static ? "static" : "dynamic";

    public static ModuleType? ToModuleType(string word) => word switch
    {
        "static" => ModuleType.Static,
        "dynamic" => ModuleType.Dynamic,
        _ => null,
    };

    public static string Of(ChangeMode mode) => mode == ChangeMode.Up ? "up" : "down";

    public static ChangeMode? ToChangeMode(string word) => word switch
    {
        "up" => ChangeMode.Up,
        "down" => ChangeMode.Down,
        _ => null,
    };
}
