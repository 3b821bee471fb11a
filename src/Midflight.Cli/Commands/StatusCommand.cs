using System.CommandLine;
using System.Globalization;
using Midflight.Host.Control.Requests;

namespace Midflight.Cli.Commands;

/// <summary><c>status</c>: what is running.</summary>
internal static class StatusCommand
{
    public static Command Create(Target target)
    {
        var json = Verb.JsonOption();
        return Verb.Create(
            "status", "Show the running release, its applications, processes and memory.",
            async (result, cancellation) =>
            {
                var status = await Verb.Ask<StatusRequest, StatusReply>(target, new(), quiet: true, cancellation);
                if (result.GetValue(json))
                {
                    Output.Json(status);
                }
                else
                {
                    foreach (var line in Lines(status))
                    {
                        Output.Line(line);
                    }
                }

                return 0;
            },
            json);
    }

    internal static IEnumerable<string> Lines(StatusReply status)
    {
        yield return $"{status.Name} {status.Version} ({status.Status}), process {status.Pid}, up {Uptime(status.UptimeSeconds)}";
        yield return string.Create(CultureInfo.InvariantCulture,
            $"midflight {status.Midflight} on .NET {status.Runtime}, {status.Processes:N0} processes, {status.MemoryBytes / 1_000_000:N0} MB");
        if (status.NotUnloaded > 0)
        {
            yield return $"  {status.NotUnloaded} purged code versions are still in memory; if they stay, the log says why";
        }

        foreach (var application in status.Applications)
        {
            yield return application.Old is { } old
                ? $"  {application.Name} {application.Version}, {application.OldProcesses} processes still run old code {old}"
                : $"  {application.Name} {application.Version}";
        }
    }

    private static string Uptime(double seconds)
    {
        var time = TimeSpan.FromSeconds(seconds);
        return time switch
        {
            { TotalDays: >= 1 } => $"{(int)time.TotalDays} d {time.Hours} h",
            { TotalHours: >= 1 } => $"{time.Hours} h {time.Minutes} min",
            { TotalMinutes: >= 1 } => $"{time.Minutes} min {time.Seconds} s",
            _ => $"{time.Seconds} s",
        };
    }
}
