namespace Midflight.Releases.Declared;

/// <summary>The way through a constructor where its conditions are open: one choice after another.</summary>
/// <param name="most">How many instructions all ways together may take.</param>
internal sealed class ConstructorPath(int most)
{
    private const int MostChoices = 12;

    private int _left = most;

    private readonly List<(DeclaredValue? Condition, bool Way)> _choices = [];
    private int _at;

    /// <summary>What has been decided, and how.</summary>
    public IEnumerable<(DeclaredValue Condition, bool Way)> Choices => _choices.Select(choice => (choice.Condition!, choice.Way));

    /// <summary>Counts an instruction; false where there have been too many.</summary>
    public bool GoesOn() => _left-- > 0;

    public bool Decide(DeclaredValue condition)
    {
        if (_at == _choices.Count)
        {
            if (_choices.Count >= MostChoices)
            {
                throw new CannotTellException("it depends on too many conditions");
            }

            _choices.Add((condition, true));
        }
        else
        {
            _choices[_at] = (condition, _choices[_at].Way);
        }

        return _choices[_at++].Way;
    }

    /// <summary>The next way, or null behind the last one or where all have become too long.</summary>
    public ConstructorPath? Next()
    {
        var next = new ConstructorPath(_left);
        next._choices.AddRange(_choices);

        while (next._choices is [.., (_, false)])
        {
            next._choices.RemoveAt(next._choices.Count - 1);
        }

        if (next._choices.Count == 0)
        {
            return null;
        }

        next._choices[^1] = (next._choices[^1].Condition, false);
        return next;
    }
}
