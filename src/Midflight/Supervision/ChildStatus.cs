namespace Midflight;

/// <summary>One child of a supervisor, as it is now.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Pid">Its process; that of no process while it does not run.</param>
/// <param name="Module">The full name of the type that it runs.</param>
/// <param name="IsSupervisor">Whether it is itself a supervisor.</param>
/// <param name="IsRestarting">Whether its last start failed and is tried again.</param>
public sealed record ChildStatus(string Id, Pid Pid, string Module, bool IsSupervisor, bool IsRestarting);

/// <summary>How many children a supervisor has.</summary>
/// <param name="Specs">Known, running or not.</param>
/// <param name="Active">Running.</param>
/// <param name="Supervisors">Known, of those that are supervisors.</param>
/// <param name="Workers">Known, of those that are not.</param>
public sealed record ChildCount(int Specs, int Active, int Supervisors, int Workers);
