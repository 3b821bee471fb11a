namespace Midflight;

/// <summary>The current status of one child of a supervisor.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Pid">Its process; the pid of no process while it is not running.</param>
/// <param name="Module">The full name of its type.</param>
/// <param name="IsSupervisor">Whether it is itself a supervisor.</param>
/// <param name="IsRestarting">Whether its last start failed and is being retried.</param>
public sealed record ChildStatus(string Id, Pid Pid, string Module, bool IsSupervisor, bool IsRestarting);

/// <summary>The numbers of a supervisor's children.</summary>
/// <param name="Specs">All children, running or not.</param>
/// <param name="Active">Running children.</param>
/// <param name="Supervisors">Children that are supervisors, running or not.</param>
/// <param name="Workers">Children that are not supervisors, running or not.</param>
public sealed record ChildCount(int Specs, int Active, int Supervisors, int Workers);
