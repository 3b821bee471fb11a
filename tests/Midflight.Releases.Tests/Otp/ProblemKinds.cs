namespace Midflight.Releases.Tests.Otp;

/// <summary>The names that systools has for problems.</summary>
internal static class ProblemKinds
{
    public static string Of(RelupProblem problem) => problem switch
    {
        RelupProblem.InRelease(_, var inner) => Of(inner),
        RelupProblem.NoUpgrader => "systools_relup:missing_sasl",
        RelupProblem.AppupUnreadable => "systools_relup:file_problem",
        RelupProblem.NoEntry => "systools_relup:no_relup",
        RelupProblem.Warned => "systools_relup:warnings_treated_as_errors",
        RelupProblem.InScript(_, _, var inner) => "systools_rc:" + Of(inner),
        _ => problem.GetType().Name,
    };

    public static string Of(ReleaseProblem problem) => "systools_make:" + (problem switch
    {
        ReleaseProblem.Unreadable(var error) => OfRelease(error),
        ReleaseProblem.MandatoryMissing => "missing_mandatory_app",
        ReleaseProblem.MandatoryNotPermanent => "mandatory_app",
        ReleaseProblem.ApplicationsUnreadable([ApplicationFault.OtherName, ..]) => "bad_application_name",
        ReleaseProblem.ApplicationsUnreadable(var faults) => "error_reading:" + Of(faults[0]),
        ReleaseProblem.Undefined => "undefined_applications",
        ReleaseProblem.Duplicate(SharedThing.RegisteredName, _) => "duplicate_register",
        ReleaseProblem.Duplicate(SharedThing.IncludedApplication, _) => "duplicate_include",
        ReleaseProblem.Duplicate => "duplicate_modules",
        ReleaseProblem.Circular(_, []) => "circular_dependencies",
        ReleaseProblem.Circular => "apps",
        _ => problem.GetType().Name,
    });

    public static string Of(RelupWarning warning) => warning switch
    {
        RelupWarning.RuntimeChanged(var name, var runtime, var otherName, var otherRuntime) =>
            $"erts_vsn_changed {name} {runtime} {otherName} {otherRuntime}",
        RelupWarning.AppupForOtherVersion(_, _, var version) => $"bad_vsn {version}",
        _ => "pre_R15_emulator_upgrade",
    };

    public static string OfWarning(ErlangTerm warning) => warning switch
    {
        ErlangTerm.Tuple { Elements: [ErlangTerm.Atom("erts_vsn_changed"), ErlangTerm.Tuple { Elements: [var one, var two] }] } =>
            $"erts_vsn_changed {Pair(one)} {Pair(two)}",
        ErlangTerm.Tuple { Elements: [ErlangTerm.Atom("bad_vsn"), ErlangTerm.Tuple { Elements: [_, var version] }] } =>
            $"bad_vsn {version.Text}",
        ErlangTerm.Tuple { Elements: [ErlangTerm.Atom("warning"), ErlangTerm.Atom(var name)] } => name,
        ErlangTerm.Atom(var name) => name,
        _ => warning.ToString(),
    };

    private static string Pair(ErlangTerm term) =>
        term is ErlangTerm.Tuple { Elements: [var name, var version] } ? $"{name.Text} {version.Text}" : "";

    private static string OfRelease(FileError error) => error switch
    {
        { Fault: FileFault.NotFound } => "not_found",
        { Fault: FileFault.Empty } => "read",
        { Fault: FileFault.Syntax } => "parse",
        _ when error.Member.StartsWith("applications[", StringComparison.Ordinal) => "illegal_applications",
        { Member: "name" } => "illegal_name",
        { Member: "version" or "runtime" } => "illegal_form",
        _ => "badly_formatted_release",
    };

    private static string Of(ApplicationFault fault) => fault switch
    {
        ApplicationFault.NotFound => "not_found",
        ApplicationFault.OtherVersion => "no_valid_version",
        ApplicationFault.NotIncluded => "override_include",
        ApplicationFault.Unreadable({ Fault: FileFault.Syntax }) => "parse_error",
        ApplicationFault.Unreadable({ Member: "name" or "" }) => "badly_formatted_application",
        // A parameter that is no pair counts as none in OTP, and so does a start module with anything wrong in it.
        ApplicationFault.Unreadable(var error) when error.Fault == FileFault.Missing
            || error.Found.Contains("no_pair", StringComparison.Ordinal)
            || error.Member.Split('.')[0] == "mod" => "missing_param",
        ApplicationFault.Unreadable => "bad_param",
        _ => fault.GetType().Name,
    };

    private static string Of(ScriptProblem problem) => problem switch
    {
        ScriptProblem.Malformed(var malformed) => Of(malformed.Fault),
        ScriptProblem.BeforePointOfNoReturn => "bad_op_before_point_of_no_return",
        ScriptProblem.TwoPointsOfNoReturn => "too_many_point_of_no_return",
        ScriptProblem.NoObjectCode => "no_object_code",
        ScriptProblem.NotResumed => "suspended_not_resumed",
        ScriptProblem.NotSuspended => "resumed_not_suspended",
        ScriptProblem.NotStopped => "start_not_stop",
        ScriptProblem.NotStarted => "stop_not_start",
        ScriptProblem.NoSuchApplication => "no_such_application",
        ScriptProblem.RemovedApplicationPresent => "removed_application_present",
        ScriptProblem.UndefinedModule => "undef_module",
        ScriptProblem.ModuleTwice => "muldef_module",
        ScriptProblem.NoSuchModule => "no_such_module",
        ScriptProblem.ConflictingVersions => "conflicting_versions",
        _ => problem.GetType().Name,
    };

    private static string Of(InstructionFault fault) => fault switch
    {
        InstructionFault.BadInstruction => "bad_instruction",
        InstructionFault.BadModule => "bad_module",
        InstructionFault.BadChange => "bad_change",
        InstructionFault.BadModuleType => "bad_mod_type",
        InstructionFault.BadPurgeMethod => "bad_purge_method",
        InstructionFault.BadList => "bad_list",
        InstructionFault.BadArguments => "bad_args_list",
        InstructionFault.BadNode => "bad_node",
        InstructionFault.BadApplication => "bad_application",
        InstructionFault.BadStartType => "bad_start_type",
        InstructionFault.BadFunction => "bad_func",
        InstructionFault.BadLibrary => "bad_lib",
        InstructionFault.BadLibraryVersion => "bad_lib_vsn",
        InstructionFault.BadTimeout => "bad_timeout",
        InstructionFault.BadMode => "bad_mode",
        InstructionFault.BadCodeChange => "bad_code_change",
        _ => "not_yet_implemented",
    };
}
