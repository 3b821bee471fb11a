namespace Midflight.Host;

/// <summary>What each old object has become. Most values hold a handful of objects, so it searches before it hashes.</summary>
internal sealed class Identities
{
    // Up to here a search is quicker than a hash, and costs no dictionary.
    private const int Few = 16;

    private (object Old, object? Now)[] _few = new (object, object?)[4];
    private int _count;
    private Dictionary<object, object>? _many;

    public object? Find(object old)
    {
        if (_many is not null)
        {
            return _many.GetValueOrDefault(old);
        }

        for (var i = 0; i < _count; i++)
        {
            if (_few[i].Old == old)
            {
                return _few[i].Now;
            }
        }

        return null;
    }

    /// <summary>As if the object had not been met.</summary>
    public void Forget(object old)
    {
        if (_many is not null)
        {
            _many.Remove(old);
        }
        else if (Array.FindIndex(_few, 0, _count, entry => entry.Old == old) is >= 0 and var at)
        {
            _few[at].Now = null;
        }
    }

    public void Set(object old, object now)
    {
        if (_many is not null)
        {
            _many[old] = now;
            return;
        }

        for (var i = 0; i < _count; i++)
        {
            if (_few[i].Old == old)
            {
                _few[i].Now = now;
                return;
            }
        }

        if (_count == Few)
        {
            _many = new(2 * Few, ReferenceEqualityComparer.Instance);

            foreach (var (known, become) in _few.Where(entry => entry.Now is not null))
            {
                _many[known] = become!;
            }

            _many[old] = now;
            return;
        }

        if (_count == _few.Length)
        {
            Array.Resize(ref _few, 2 * _count);
        }

        _few[_count++] = (old, now);
    }
}
