using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace OctochatClient;

/// <summary>A release unpacked in a temporary folder, as on a machine of its own: its command, its node, its port.</summary>
/// <remarks>Disposing it ends the node, whatever state it is in, and deletes the folder.</remarks>
public sealed class Installation : IAsyncDisposable
{
    private readonly Dictionary<string, string?> _environment;

    private Installation(string name, string root, int port) =>
        (Name, Root, Port, _environment) = (name, root, port, new() { ["PORT"] = port.ToString(CultureInfo.InvariantCulture) });

    /// <summary>The name of the release and of its command.</summary>
    public string Name { get; }

    /// <summary>The folder that holds bin, lib, releases and run.</summary>
    public string Root { get; }

    /// <summary>Where its server listens, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>What the node writes.</summary>
    public string LogFile => Path.Combine(Root, "run", Name + ".log");

    /// <summary>Unpacks a package with tar, as a person would.</summary>
    public static async Task<Installation> Unpack(string name, string package)
    {
        var installation = new Installation(name, Directory.CreateTempSubdirectory(name + "-").FullName, FreePort());
        (await Command.Run("tar", ["-xzf", package, "-C", installation.Root])).Expect($"Unpacking {package}");
        return installation;
    }

    /// <summary>Another one with the same files, for what has not been started yet: quicker than to unpack again.</summary>
    public async Task<Installation> Copy()
    {
        var copy = new Installation(Name, Directory.CreateTempSubdirectory(Name + "-").FullName, FreePort());
        (await Command.Run("cp", ["-a", Root + "/.", copy.Root])).Expect($"Copying {Root}");
        return copy;
    }

    /// <summary>Copies a package to where <c>bin/NAME unpack</c> looks for it.</summary>
    public void Deliver(string package) => File.Copy(package, Path.Combine(Root, Path.GetFileName(package)), overwrite: true);

    /// <summary>Sets a variable of the environment for the node and for its commands; null takes it away.</summary>
    public void Set(string variable, string? value) => _environment[variable] = value;

    /// <summary>Runs <c>bin/NAME</c>.</summary>
    /// <exception cref="OperationCanceledException">It has not ended after two minutes.</exception>
    public Task<CommandResult> Do(params IEnumerable<string> arguments) => Tell("", arguments);

    /// <summary>Runs <c>bin/NAME</c> and gives it something to read.</summary>
    /// <exception cref="OperationCanceledException">It has not ended after two minutes.</exception>
    public async Task<CommandResult> Tell(string input, params IEnumerable<string> arguments)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        return await Command.Run(Path.Combine(Root, "bin", Name), arguments, _environment, input, patience.Token);
    }

    /// <summary>The node's operating system process; null if none runs.</summary>
    public Process? Node()
    {
        try
        {
            var pid = int.Parse(File.ReadAllText(Path.Combine(Root, "run", "pid")), CultureInfo.InvariantCulture);
            var process = Process.GetProcessById(pid);

            // A number can be taken again by another program.
            if (File.ReadAllText($"/proc/{pid}/cmdline").Contains(Root, StringComparison.Ordinal))
            {
                return process;
            }

            process.Dispose();
            return null;
        }
        catch (Exception none) when (none is IOException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Ends the node as a failing machine would, and waits until it is gone.</summary>
    /// <exception cref="InvalidOperationException">No node runs.</exception>
    public Task Kill() => Kill(Node() ?? throw new InvalidOperationException($"No node of {Root} runs."));

    private async Task Kill(Process node)
    {
        node.Kill();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));

        // Process.WaitForExitAsync looks but once a second at one that is no child of this program.
        for (Process? left = node; left is not null; left = Node())
        {
            left.Dispose();
            await timer.WaitForNextTickAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Node() is { } node)
        {
            await Kill(node);
        }

        Directory.Delete(Root, recursive: true);
    }

    // Below those that the system gives to clients, so that none of them takes it before the node does.
    private static int FreePort()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(10_000, 30_000);

            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; another may be free.
            }
        }
    }
}
