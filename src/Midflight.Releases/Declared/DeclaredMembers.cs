using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;

namespace Midflight.Releases.Declared;

/// <summary>What the constructors of a type say that its new members hold.</summary>
internal sealed class DeclaredMembers
{
    private const int MostInstructions = 100_000;

    private readonly CodeLibrary _library;
    private readonly Shape _shape;
    private readonly Dictionary<DeclaredField, PlacedMember> _kept;
    private readonly List<ImmutableArray<Outcome>> _constructors = [];

    private DeclaredMembers(CodeLibrary library, Shape shape, IEnumerable<PlacedMember> kept)
    {
        (_library, _shape) = (library, shape);
        _kept = kept.ToDictionary(Field);

        foreach (var constructor in library.Methods(shape.Name).Where(method => method.IsConstructor && method.Body is not null && !IsCopy(method)))
        {
            var outcomes = Follow(constructor);

            if (!outcomes.IsEmpty)
            {
                _constructors.Add(outcomes);
            }
        }
    }

    /// <summary>Reads the constructors of a type.</summary>
    /// <param name="catalog">The release that it is of.</param>
    /// <param name="shape">The type.</param>
    /// <param name="kept">The members whose values are known.</param>
    /// <param name="added">The members that are asked for.</param>
    /// <returns>For each: its value; null where no constructor sets it.</returns>
    public static ImmutableArray<DeclaredValue?> Read(ShapeCatalog catalog, Shape shape, IEnumerable<PlacedMember> kept, ImmutableArray<PlacedMember> added)
    {
        lock (catalog.Library)
        {
            try
            {
                var members = new DeclaredMembers(catalog.Library, shape, kept);
                return [.. added.Select(members.Value)];
            }
            finally
            {
                catalog.Library.Close();
            }
        }
    }

    // The ways of all constructors have to agree, but for those that leave it to their caller.
    private DeclaredValue? Value(PlacedMember member)
    {
        var field = Field(member);
        var values = _constructors.Select(outcomes => Merge([.. outcomes], field, 0)).ToList();

        if (values.TrueForAll(value => value is null))
        {
            return null;
        }

        var declared = values.Select((value, index) => (Value: value ?? DeclaredValue.Nothing, Constructor: _constructors[index]))
            .Where(entry => entry.Value is not DeclaredValue.Argument).ToList();
        return declared.Count == 0 ? values.First(value => value is not null)
            : declared.FirstOrDefault(entry => !entry.Value.IsKnown) is { Value: { } unknown } ? Unknown(unknown)
            : declared.FirstOrDefault(entry => declared.TrueForAll(other => Agree(entry.Value, other.Value, other.Constructor))).Value
                ?? new DeclaredValue.Unknown("its constructors set it to different values");
    }

    private static DeclaredValue.Unknown Unknown(DeclaredValue value) =>
        value.Open as DeclaredValue.Unknown ?? new("it is computed from what the constructor is given");

    // The same; or what the one computes from members that are kept is what the other says, with those as the other sets them.
    private static bool Agree(DeclaredValue value, DeclaredValue other, ImmutableArray<Outcome> constructor) =>
        value.Equals(other) || (constructor is [var only]
            && Arithmetic.With(value, member => only.Fields.GetValueOrDefault(Field(member)) as DeclaredValue.Constant).Equals(other));

    // Where a condition can be asked of the object, it decides between the values.
    private static DeclaredValue? Merge(List<Outcome> outcomes, DeclaredField field, int depth)
    {
        var first = outcomes[0].Fields.GetValueOrDefault(field);

        if (outcomes.TrueForAll(outcome => Equals(outcome.Fields.GetValueOrDefault(field), first)))
        {
            return first;
        }

        var condition = outcomes[0].Choices[depth].Condition;
        var ways = outcomes.ToLookup(outcome => outcome.Choices[depth].Way);

        if (!ways[true].Any() || !ways[false].Any())
        {
            return Merge(outcomes, field, depth + 1);
        }

        var (yes, no) = (Merge([.. ways[true]], field, depth + 1) ?? DeclaredValue.Nothing, Merge([.. ways[false]], field, depth + 1) ?? DeclaredValue.Nothing);
        return yes.Equals(no) ? yes
            : yes.Open ?? no.Open ?? condition.Open switch
            {
                null => new DeclaredValue.Choice(condition, yes, no),
                DeclaredValue.Unknown unknown => unknown,
                _ => new DeclaredValue.Unknown("it depends on what the constructor is given"),
            };
    }

    private ImmutableArray<Outcome> Follow(CodeMethod constructor)
    {
        var parameters = Parameters(constructor);
        var taken = Paths(constructor, parameters.Select((parameter, index) => (DeclaredValue)new DeclaredValue.Argument(index, parameter.Name)));

        if (taken.IsEmpty)
        {
            return [];
        }

        // A parameter that goes into a member as it is has that member's value; another its default; for the rest nothing stands.
        return Paths(constructor, parameters.Select((parameter, index) =>
            taken.Select(outcome => outcome.Taken.GetValueOrDefault(index)).FirstOrDefault(member => member?.Member.Type.Equals(parameter.Type) == true) is { } member
                ? new DeclaredValue.Kept(member)
                : parameter.Default ?? new DeclaredValue.Argument(index, parameter.Name)));
    }

    private ImmutableArray<Outcome> Paths(CodeMethod constructor, IEnumerable<DeclaredValue> arguments)
    {
        var outcomes = ImmutableArray.CreateBuilder<Outcome>();
        var given = arguments.ToList();

        for (var path = new ConstructorPath(MostInstructions); path is not null; path = path.Next())
        {
            var machine = new Machine(_library, _shape, _kept, path);

            try
            {
                machine.Run(constructor, given);
                outcomes.Add(new(machine.Fields, machine.Taken, [.. path.Choices]));
            }
            catch (PathThrowsException)
            {
                // No object comes of this way.
            }
        }

        return outcomes.ToImmutable();
    }

    private static List<(TypeName Type, string Name, DeclaredValue? Default)> Parameters(CodeMethod constructor)
    {
        var metadata = constructor.Assembly!.Metadata;
        var parameters = constructor.Signature.ParameterTypes.Select(type => (Type: type, Name: "", Default: (DeclaredValue?)null)).ToList();

        foreach (var parameter in metadata.GetMethodDefinition(constructor.Handle).GetParameters().Select(metadata.GetParameter).Where(parameter => parameter.SequenceNumber > 0))
        {
            var at = parameter.SequenceNumber - 1;
            parameters[at] = (parameters[at].Type, metadata.GetString(parameter.Name), parameter.Attributes.HasFlag(ParameterAttributes.Optional) ? Default(metadata, parameter) : null);
        }

        return parameters;
    }

    private static DeclaredValue.Constant? Default(MetadataReader metadata, Parameter parameter)
    {
        if (parameter.GetDefaultValue() is not { IsNil: false } handle)
        {
            return Attributes.Decimal(metadata, parameter.GetCustomAttributes()) is { } number ? new(number) : null;
        }

        var constant = metadata.GetConstant(handle);
        object? value = metadata.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode) switch
        {
            bool flag => (object)(flag ? 1 : 0),
            char letter => (int)letter,
            sbyte number => (int)number,
            byte number => (int)number,
            short number => (int)number,
            ushort number => (int)number,
            uint number => unchecked((int)number),
            ulong number => unchecked((long)number),
            var other => other,
        };

        return new(value);
    }

    // The constructor by which a record copies itself sets everything from another one.
    private bool IsCopy(CodeMethod constructor) =>
        constructor.Signature.ParameterTypes is [TypeName.Named { FullName: var only }] && only == _shape.Name
        && _library.Methods(_shape.Name).Any(method => method.Name == "<Clone>$");

    private static DeclaredField Field(PlacedMember member) => new(member.DeclaredIn, member.Member.Field);

    private sealed record Outcome(
        Dictionary<DeclaredField, DeclaredValue> Fields, Dictionary<int, PlacedMember> Taken, ImmutableArray<(DeclaredValue Condition, bool Way)> Choices);
}
