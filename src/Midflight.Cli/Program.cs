using Midflight.Cli;

// A node must not load what only commands need (System.CommandLine, Spectre.Console), so it is told apart first.
return args switch
{
    ["node", var root, _, var version] => await NodeProgram.Run(root, version),
    ["client", var root, var name, .. var rest] => await CommandLine.OfRelease(root, name).Run(rest),
    _ => await CommandLine.OfMidflight().Run(args),
};
