using Midflight.Cli;

// A node must not load what only commands need (System.CommandLine, Spectre.Console), so it is told apart first.
return args switch
{
    ["node", var root, var name, var version] => await NodeProgram.Run(root, name, version, goesOn: false),
    ["node", var root, var name, var version, "go-on"] => await NodeProgram.Run(root, name, version, goesOn: true),

    // Whether this program runs at all, asked before a node becomes it.
    ["node"] => 0,
    ["client", var root, var name, .. var rest] => await CommandLine.OfRelease(root, name).Run(rest),
    _ => await CommandLine.OfMidflight().Run(args),
};
