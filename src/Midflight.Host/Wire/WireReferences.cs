namespace Midflight.Host;

/// <summary>What stands in a reader's process for what stayed in the writer's: processes, tables, resources at work.</summary>
internal abstract class WireReferences
{
    /// <summary>A reader that has nothing of it: all of them are null, or the pid of no process.</summary>
    public static WireReferences None { get; } = new Nobody();

    /// <summary>By what one is known: the number of a process, the name of a table. Zero and empty where there is nothing of the kind.</summary>
    public static (long Number, string Name) Token(object live) => live switch
    {
        Pid pid => (pid.Number, ""),
        TableStore table => (0, table.Name ?? ""),
        _ => (0, ""),
    };

    /// <summary>What a reference leads to; null where there is nothing.</summary>
    public abstract object? Find(Type type, long number, string name);

    private sealed class Nobody : WireReferences
    {
        public override object? Find(Type type, long number, string name) => null;
    }
}
