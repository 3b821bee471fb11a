using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>What is said ahead of each value of a snapshot: whose it is.</summary>
internal abstract record SnapshotFrame
{
    private const byte NodeKind = 0;
    private const byte ProcessKind = 1;
    private const byte MessageKind = 2;
    private const byte StoredKind = 3;
    private const byte LeftOutKind = 4;

    private SnapshotFrame()
    {
    }

    /// <summary>The node, with no value.</summary>
    /// <param name="Release">The name of its release.</param>
    /// <param name="Version">The version that ran.</param>
    /// <param name="Midflight">The version of Midflight.</param>
    /// <param name="Taken">When.</param>
    public sealed record OfNode(string Release, string Version, string Midflight, DateTimeOffset Taken) : SnapshotFrame;

    /// <summary>A process, with its state.</summary>
    /// <param name="Number">The number of its pid.</param>
    /// <param name="Names">Its registered names.</param>
    /// <param name="Module">Full name of its module.</param>
    /// <param name="Application">The application of the module.</param>
    /// <param name="Vsn">The vsn of the module.</param>
    public sealed record OfProcess(long Number, ImmutableArray<string> Names, string Module, string Application, string Vsn) : SnapshotFrame;

    /// <summary>A message that waited for the process named last.</summary>
    /// <param name="Module">The module of that process.</param>
    /// <param name="Application">The application of the module.</param>
    public sealed record OfMessage(string Module, string Application) : SnapshotFrame;

    /// <summary>An entry of a table or another store.</summary>
    /// <param name="Title">Of which.</param>
    /// <param name="Application">The application whose values are in it; empty for values of none.</param>
    public sealed record OfStored(string Title, string Application) : SnapshotFrame;

    /// <summary>Something that has no wire form, with no value.</summary>
    /// <param name="What">Which process or store.</param>
    /// <param name="Why">A sentence with what to do.</param>
    public sealed record LeftOut(string What, string Why) : SnapshotFrame;

    public void Write(WireOutput to)
    {
        switch (this)
        {
            case OfNode(var release, var version, var midflight, var taken):
                to.Byte(NodeKind);
                to.Text(release);
                to.Text(version);
                to.Text(midflight);
                to.Signed(taken.UtcTicks);
                break;
            case OfProcess(var number, var names, var module, var application, var vsn):
                to.Byte(ProcessKind);
                to.Signed(number);
                to.Number((ulong)names.Length);
                Array.ForEach([.. names], to.Text);
                to.Text(module);
                to.Text(application);
                to.Text(vsn);
                break;
            case OfMessage(var module, var application):
                to.Byte(MessageKind);
                to.Text(module);
                to.Text(application);
                break;
            case OfStored(var title, var application):
                to.Byte(StoredKind);
                to.Text(title);
                to.Text(application);
                break;
            case LeftOut(var what, var why):
                to.Byte(LeftOutKind);
                to.Text(what);
                to.Text(why);
                break;
        }
    }

    /// <exception cref="WireDamagedException">It is none.</exception>
    public static SnapshotFrame Read(WireInput from)
    {
        switch (from.Byte())
        {
            case NodeKind:
                return new OfNode(from.Text(), from.Text(), from.Text(), Moment(from.Signed()));
            case ProcessKind:
                return new OfProcess(from.Signed(), [.. Enumerable.Range(0, from.Count()).Select(_ => from.Text())], from.Text(), from.Text(), from.Text());
            case MessageKind:
                return new OfMessage(from.Text(), from.Text());
            case StoredKind:
                return new OfStored(from.Text(), from.Text());
            case LeftOutKind:
                return new LeftOut(from.Text(), from.Text());
            case var kind:
                throw new WireDamagedException($"{kind} is nothing that a snapshot has in it");
        }
    }

    private static DateTimeOffset Moment(long ticks) => ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? new(ticks, TimeSpan.Zero) : throw new WireDamagedException("it was taken at no time");
}
