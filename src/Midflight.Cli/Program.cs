using Midflight.Cli;

// A node must not load what only commands need (System.CommandLine, Spectre.Console), so it is recognised first.
return args switch
{
    ["node", var root, var name, var version] => NodeProgram.Run(root, name, version, goesOn: false),
    ["node", var root, var name, var version, "go-on"] => NodeProgram.Run(root, name, version, goesOn: true),

    // Whether this program runs at all; asked before a node becomes it.
    ["node"] => 0,
    ["client", var root, var name, .. var rest] => CommandLine.OfRelease(root, name).Run(rest).GetAwaiter().GetResult(),
    _ => CommandLine.OfMidflight().Run(args).GetAwaiter().GetResult(),
};
