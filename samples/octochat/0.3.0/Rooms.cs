using System.Collections.Immutable;
using Midflight;

namespace Octochat;

/// <summary>Knows who is in which room.</summary>
public sealed class Rooms : GenServer<ImmutableDictionary<Pid, string>>
{
    // Client

    /// <summary>The calling process enters a room and leaves the one it was in.</summary>
    public static void Join(string room) => Cast("rooms", new Joined(Process.Self, room));

    /// <summary>The calling process says something: the others in its room get <see cref="Heard"/>.</summary>
    public static void Say(string text) => Cast("rooms", new Said(Process.Self, text));

    /// <summary>Somebody else in the room has said something.</summary>
    public sealed record Heard(string Room, string Text);

    private sealed record Joined(Pid Member, string Room);

    private sealed record Said(Pid Member, string Text);

    // Server

    protected override Started<ImmutableDictionary<Pid, string>> Init(object? argument) => ImmutableDictionary<Pid, string>.Empty;

    protected override Answer<ImmutableDictionary<Pid, string>> HandleCast(object message, ImmutableDictionary<Pid, string> members)
    {
        switch (message)
        {
            case Joined(var member, var room):
                if (!members.ContainsKey(member))
                {
                    Process.Monitor(member);
                }

                return NoReply(members.SetItem(member, room));
            case Said(var speaker, var text) when members.TryGetValue(speaker, out var room):
                foreach (var (listener, _) in members.Where(member => member.Value == room && member.Key != speaker))
                {
                    Process.Send(listener, new Heard(room, text));
                }

                return NoReply(members);
            default:
                return NoReply(members);
        }
    }

    protected override Answer<ImmutableDictionary<Pid, string>> HandleInfo(object message, ImmutableDictionary<Pid, string> members) =>
        message is Down(_, var member, _) ? NoReply(members.Remove(member)) : base.HandleInfo(message, members);
}
