using System.Diagnostics.CodeAnalysis;
using System.Text;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>One value on its way into another code version: what of it is done, and where it is.</summary>
/// <remarks>Used by one thread. Compiled converters call it, so its methods are small.</remarks>
internal sealed class Crossing(ConverterTable table, object root, bool tracks)
{
    private static readonly object s_pending = new();

    // From each old object to its new one; null where no object can be met twice.
    private readonly Identities? _done = tracks ? new() : null;

    // New objects whose members are not all there yet, the innermost last.
    private List<object>? _open;
    private List<Action>? _deferred;

    private (string? Member, int Index)[] _path = [];
    private int _depth;

    public bool Tracks => _done is not null;

    public ConverterTable Table => table;

    /// <summary>What an old object has become, if it has been met before.</summary>
    public object? Seen(object old)
    {
        var now = _done?.Find(old);

        return now == s_pending
            ? throw Refuse(new(LoadedTypes.Say(old.GetType()), null, "holds itself, through a conversion that needs it whole", "Convert the type that holds it instead."))
            : now;
    }

    /// <summary>Says what an old object becomes, before its members are there, so that cycles close.</summary>
    public void Begin(object old, object now)
    {
        if (_done is not null)
        {
            _done.Set(old, now);
            (_open ??= []).Add(now);
        }
    }

    /// <summary>Says that the members of the new object begun last are all there.</summary>
    public void End() => _open?.RemoveAt(_open.Count - 1);

    /// <summary>Says what an old object has become.</summary>
    public void Became(object old, object now) => _done?.Set(old, now);

    /// <summary>Says that an old object is being converted by something that cannot show a part of it.</summary>
    public void Pending(object old) => Became(old, s_pending);

    /// <summary>Whether some of a new object's members are still to come, so that its hash is not yet its hash.</summary>
    public bool IsOpen(object? now) => now is not null && _open?.Exists(open => ReferenceEquals(open, now)) == true;

    /// <summary>Puts something off until every object has its members.</summary>
    public void Defer(Action action) => (_deferred ??= []).Add(action);

    public void Finish()
    {
        for (var i = 0; i < _deferred?.Count; i++)
        {
            _deferred[i]();
        }
    }

    /// <summary>Converts whatever it is by its own type.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public object? Any(object? value) => value is null ? null : table.For(value.GetType()).Convert(value, this);

    public void Enter(string member) => Enter(member, 0);

    public void Enter(int index) => Enter(null, index);

    public void Leave() => _depth--;

    /// <summary>Goes on where there is room, when objects hold one another too deeply for this stack.</summary>
    public object? OnFreshStack(Converter converter, object value)
    {
        object? result = null;
        var failure = DeepStack.Run(() => result = converter.Convert(value, this));
        return failure is null ? result : throw new ConversionRefusedException(RefusalOf(failure), Path, failure);
    }

    public ConversionRefusedException Refuse(ConversionRefusal refusal, Exception? inner = null) => new(refusal, Path, inner);

    /// <summary>The refusal in an exception; or one that says what was thrown.</summary>
    public ConversionRefusal RefusalOf(Exception exception) => (exception as ConversionRefusedException)?.Refusal
        ?? new(LoadedTypes.Say(root.GetType()), null, $"could not be converted: {exception.Message}", "See the exception inside.");

    /// <summary>Where the conversion is: <c>Session.Rooms[3].Owner</c>.</summary>
    public string Path
    {
        get
        {
            var text = new StringBuilder(LoadedTypes.Say(root.GetType()));

            foreach (var (member, index) in _path.AsSpan(0, _depth))
            {
                _ = member is null ? text.Append('[').Append(index).Append(']') : text.Append('.').Append(member);
            }

            return text.ToString();
        }
    }

    private void Enter(string? member, int index)
    {
        if (_depth == _path.Length)
        {
            Array.Resize(ref _path, Math.Max(8, 2 * _depth));
        }

        _path[_depth++] = (member, index);
    }
}
