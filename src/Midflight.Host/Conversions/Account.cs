using System.Reflection;
using System.Runtime.CompilerServices;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Keeps account of one value that is built from another, or from what is written of one: what of it is done, and where it is.</summary>
/// <remarks>
/// Used by one thread. Compiled converters call it, so its methods are small. What hashes or compares is filled when that on which its
/// hashes depend is whole, which may be at the end only:
/// <code>
/// objects, and their plain members    as they are met, so that cycles close
/// collections whose keys are whole    when their elements have been converted
/// all other collections               at the end, those met within others first; an immutable one is then put where it belongs
/// </code>
/// </remarks>
/// <param name="root">What it is built from.</param>
/// <param name="tracks">Whether an object can be met twice in it.</param>
internal class Account(object root, bool tracks)
{
    // How many objects may come between two looks at the memory that is left.
    private const int Stretch = 1 << 16;

    /// <summary>Stands for an object that is built at the end, and will be put into the member in hand then.</summary>
    public static readonly object Later = new();

    private static readonly object s_pending = new();

    // From each old object to its new one; null where no object can be met twice.
    private readonly Identities? _done = tracks ? new() : null;

    // New objects whose members are not all there yet, the innermost last.
    private List<object>? _open;

    // In the order in which they are filled or built.
    private List<PutOff>? _putOff;
    private Dictionary<object, PutOff>? _late;

    private PathPart[] _path = [];
    private int _depth;
    private int _begun;
    private bool _isOnFreshStack;

    public bool Tracks => _done is not null;

    /// <summary>Whether the stack has room for some more calls.</summary>
    public bool HasRoom => _done is null || RuntimeHelpers.TryEnsureSufficientExecutionStack();

    /// <summary>What an old object has become, if it has been met before; <see cref="Later"/> if it will be put into the member in hand.</summary>
    public object? Seen(object old)
    {
        var now = _done?.Find(old);
        return now == s_pending ? SeenPending(old) : now;
    }

    private object SeenPending(object old)
    {
        if (_late?.TryGetValue(old, out var late) == true && Member is { } member)
        {
            late.Members.Add(member);
            return Later;
        }

        throw Refuse(new(
            LoadedTypes.Say(Absent.TypeOf(old)), null, "contains itself, through something that must be complete before it can contain it",
            "Convert the type that holds it instead, or hold it in a Dictionary or HashSet."));
    }

    /// <summary>Says what an old object becomes, before its members are there, so that cycles close.</summary>
    public void Begin(object old, object now)
    {
        if (_done is not null)
        {
            _done.Set(old, now);
            (_open ??= []).Add(now);

            if (++_begun == Stretch)
            {
                _begun = 0;
                CheckMemory();
            }
        }
    }

    /// <summary>Says that the members of the new object begun last are all there.</summary>
    public void End() => _open?.RemoveAt(_open.Count - 1);

    /// <summary>Says what an old object has become.</summary>
    public void Became(object old, object now) => _done?.Set(old, now);

    /// <summary>Says that an old object becomes another new one wherever it is met again.</summary>
    public void Forget(object old) => _done?.Forget(old);

    /// <summary>Says that an old object is being converted by something that cannot show a part of it.</summary>
    public void Pending(object old) => Became(old, s_pending);

    /// <summary>Whether a new object's members, or the elements of a collection, are still to come, so that its hash is not yet its hash.</summary>
    public bool IsUnfinished(object now)
    {
        for (var i = 0; i < _open?.Count; i++)
        {
            if (_open[i] == now)
            {
                return true;
            }
        }

        return _putOff?.Exists(late => late.Started == now) == true;
    }

    /// <summary>Whether something unfinished can be reached from one of these, so that whatever hashes or compares them has to wait.</summary>
    public bool MustWait(object?[] items, object? comparer) =>
        (_open is { Count: > 0 } || _putOff is not null)
        && (Reach.Leads(items, Unfinished(), IsUnfinished) || (comparer is not null && Reach.Leads([comparer], Unfinished(), IsUnfinished)));

    private IEnumerable<object> Unfinished() => (_open ?? []).Concat(_putOff?.Select(late => late.Started).OfType<object>() ?? []);

    /// <summary>Fills a collection when every object has its members.</summary>
    public void FillLater(object started, Action fill) => (_putOff ??= []).Add(new(PathParts(), started, fill));

    /// <summary>Builds a collection when every object has its members, and puts it into the member in hand then.</summary>
    /// <exception cref="ConversionRefusedException">What is in hand is no member of an object.</exception>
    public void BuildLater(object old, Func<object> build)
    {
        if (Member is not { } member)
        {
            throw Refuse(new(
                LoadedTypes.Say(Absent.TypeOf(old)), null, "has a key that leads back to its owner, so it can be built only once its owner is complete, and only as a member of a class",
                "Hold it in a member of a class, or use a Dictionary or HashSet."));
        }

        var late = new PutOff(PathParts(), null, () => { }) { Members = { member } };
        late.Act = () =>
        {
            var now = build();
            Became(old, now);
            late.Members.ForEach(into => into.Field.SetValue(into.Owner, now));
        };
        (_putOff ??= []).Add(late);
        (_late ??= new(ReferenceEqualityComparer.Instance))[old] = late;
    }

    public void Finish()
    {
        for (var i = 0; i < _putOff?.Count; i++)
        {
            (_path, _depth) = (_putOff[i].Path, _putOff[i].Path.Length);
            _putOff[i].Act();
        }
    }

    public void Enter(string member) => Enter(new PathPart(member, 0, null, null));

    public void Enter(int index) => Enter(new PathPart(null, index, null, null));

    /// <summary>Goes to the entry of a key.</summary>
    public void EnterKey(object? key) => Enter(new PathPart(null, 0, key ?? "null", null));

    /// <summary>Goes into a member that can be set later, too.</summary>
    public void Enter(string member, object owner, FieldInfo field) => Enter(new PathPart(member, 0, owner, field));

    public void Leave() => _depth--;

    /// <summary>Goes on where there is room, when objects hold one another too deeply for this stack.</summary>
    public object? OnFreshStack(Func<object?> goOn)
    {
        if (_isOnFreshStack)
        {
            throw Refuse(new(
                LoadedTypes.Say(Absent.TypeOf(root)), null, "contains objects nested too deeply to follow",
                "Hold them in a collection, or write a [Convert] for the first type of the chain."));
        }

        object? result = null;
        _isOnFreshStack = true;
        var failure = DeepStack.Run(() => result = goOn());
        _isOnFreshStack = false;
        return failure switch
        {
            null => result,
            NeedsCallsException => throw new NeedsCallsException(),
            NeedsOwnerException => throw new NeedsOwnerException(),
            ConversionRefusedException refused => throw new ConversionRefusedException(refused.Refusal, refused.Path, refused),
            WireDamagedException => throw failure,
            _ => throw new ConversionRefusedException(RefusalOf(failure), Path, failure),
        };
    }

    /// <summary>Refuses null.</summary>
    public void NotEmpty(object? value, ConversionRefusal refusal)
    {
        if (value is null)
        {
            throw Refuse(refusal);
        }
    }

    public ConversionRefusedException Refuse(ConversionRefusal refusal, Exception? inner = null) => new(refusal, Path, inner);

    /// <summary>The refusal in an exception; or one that says what was thrown.</summary>
    public ConversionRefusal RefusalOf(Exception exception) => exception switch
    {
        ConversionRefusedException refused => refused.Refusal,
        InvalidCastException => new(
            LoadedTypes.Say(Absent.TypeOf(root)), null, $"does not fit: {exception.Message.TrimEnd('.')}", "Declare the member with the value's own type, or write a [Convert] for the type that holds it."),
        _ => new(
            LoadedTypes.Say(Absent.TypeOf(root)), null, $"could not be converted: {exception.GetType().Name}: {exception.Message.TrimEnd('.')}",
            "Fix what threw: a comparer or a GetHashCode of the new code, or the value that it cannot handle."),
    };

    /// <summary>Where the conversion is: <c>Session.Rooms["lobby"].Owner</c>.</summary>
    public string Path => PathPart.Text(root, _path.AsSpan(0, _depth));

    // The member in hand, if it is one that can be set later.
    private (object Owner, FieldInfo Field)? Member =>
        _depth > 0 && _path[_depth - 1] is { Field: { } into, Subject: { } owner } ? (owner, into) : null;

    private PathPart[] PathParts() => _path[.._depth];

    private void Enter(PathPart part)
    {
        if (_depth == _path.Length)
        {
            Array.Resize(ref _path, Math.Max(8, 2 * _depth));
        }

        _path[_depth++] = part;
    }

    private void CheckMemory()
    {
        if (GC.GetTotalMemory(forceFullCollection: false) > 0.9 * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
        {
            throw Refuse(new(
                LoadedTypes.Say(Absent.TypeOf(root)), null, "is too large: old and new state together do not fit into memory",
                "Keep less in it, or keep more of it in types that do not change."));
        }
    }

    private sealed class PutOff(PathPart[] path, object? started, Action act)
    {
        public PathPart[] Path => path;

        // The collection that is to be filled; null for one that is to be built.
        public object? Started => started;

        public Action Act { get; set; } = act;

        public List<(object Owner, FieldInfo Field)> Members { get; } = [];
    }
}

/// <summary>Stands for an object that is not in memory, of which only the type is known: one that is read from what was written of it.</summary>
/// <param name="type">Its type.</param>
internal sealed class Absent(Type type)
{
    /// <summary>The type of an object, or of what stands for it.</summary>
    public static Type TypeOf(object value) => value is Absent absent ? absent.Type : value.GetType();

    private Type Type { get; } = type;
}
