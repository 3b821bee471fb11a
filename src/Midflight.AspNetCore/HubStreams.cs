using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Midflight.AspNetCore;

/// <summary>The streams that one client sends to methods of a hub, by id.</summary>
internal sealed class HubStreams
{
    // How many items a client may send before a method reads them.
    private const int Ahead = 10;

    private readonly ConcurrentDictionary<string, Target> _open = new();

    /// <summary>Opens a stream for a parameter of a type.</summary>
    /// <returns>The argument.</returns>
    internal object Open(string id, Type parameter)
    {
        var target = (Target)Activator.CreateInstance(typeof(Target<>).MakeGenericType(HubMethod.StreamItem(parameter)!))!;
        _open[id] = target;
        return parameter.GetGenericTypeDefinition() == typeof(ChannelReader<>) ? target.Reader : target.Items;
    }

    /// <summary>The type of its items; null if nobody reads it any more.</summary>
    internal Type? ItemType(string id) => _open.TryGetValue(id, out var target) ? target.ItemType : null;

    internal ValueTask Add(string id, object? item) => _open.TryGetValue(id, out var target) ? target.Add(item) : default;

    /// <summary>Nothing more will come, or its method is done.</summary>
    internal bool Close(string id, Exception? error)
    {
        if (!_open.TryRemove(id, out var target))
        {
            return false;
        }

        target.Close(error);
        return true;
    }

    internal void CloseAll(Exception error)
    {
        foreach (var id in _open.Keys)
        {
            Close(id, error);
        }
    }

    private abstract class Target
    {
        internal abstract Type ItemType { get; }

        internal abstract object Reader { get; }

        internal abstract object Items { get; }

        internal abstract ValueTask Add(object? item);

        internal abstract void Close(Exception? error);
    }

    private sealed class Target<T> : Target
    {
        private readonly Channel<T> _channel = Channel.CreateBounded<T>(Ahead);

        internal override Type ItemType => typeof(T);

        internal override object Reader => _channel.Reader;

        internal override object Items => _channel.Reader.ReadAllAsync();

        internal override async ValueTask Add(object? item)
        {
            try
            {
                await _channel.Writer.WriteAsync((T)item!).ConfigureAwait(false);
            }
            catch (ChannelClosedException)
            {
                // Nobody reads it any more.
            }
        }

        internal override void Close(Exception? error) => _channel.Writer.TryComplete(error);
    }
}
