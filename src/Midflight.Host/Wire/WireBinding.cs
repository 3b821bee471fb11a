using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Midflight.Host;

/// <summary>The types of a <see cref="WireFile"/>, found or made in one code version that reads it.</summary>
/// <remarks>
/// Where the reader's applications are of the same releases and their types of the same shapes, values are made as they are to be. Else types are made of all shapes
/// (<see cref="WireCarriers"/>), values of these, and <see cref="CodeConversion"/> takes them over as it does those of an older code version: whatever holds for an
/// upgrade holds here.
/// </remarks>
internal sealed class WireBinding : IDisposable
{
    // By definition: what WireShape.Text says of it.
    private static readonly ConditionalWeakTable<Type, string> s_texts = [];

    private readonly WireFile _file;
    private readonly WireScope _scope;
    private readonly Type[] _definitions;
    private readonly (Type Type, WireCodec Codec)?[] _types;
    private readonly (CodeVersion Version, AssemblyLoadContext Context)? _carriers;
    private readonly CodeConversion? _conversion;

    /// <param name="file">What was written.</param>
    /// <param name="target">The code version that reads it; null for values that have nothing of an application in them.</param>
    /// <param name="conversion">What brings values into that version. Default: a new one.</param>
    /// <param name="limits">What it may ask for. Default: that of <see cref="WireLimits"/>.</param>
    /// <exception cref="WireDamagedException">Its shapes are damaged.</exception>
    public WireBinding(WireFile file, CodeVersion? target, CodeConversion? conversion = null, WireLimits? limits = null)
    {
        (_file, _scope) = (file, new(target));
        var checks = new WireChecks(file.Shapes, _scope, limits ?? new());
        checks.Check(file.Types);
        _types = new (Type, WireCodec)?[file.Types.Length];

        if (Same(file.Shapes, _scope) is { } same)
        {
            _definitions = same;
            return;
        }

        var (version, context, types) = WireCarriers.Make(file.Shapes, _scope, checks);
        (_carriers, _definitions, _conversion) = ((version, context), types, conversion ?? new(target!));
    }

    /// <summary>Whether values are converted, and not just read.</summary>
    public bool Converts => _carriers is not null;

    /// <summary>A type of the file by its number, and what reads its values.</summary>
    public (Type Type, WireCodec Codec) Type(ulong number)
    {
        if (number >= (ulong)_types.Length)
        {
            throw new WireDamagedException($"type {number} is mentioned, which is not in it");
        }

        return _types[(int)number] ??= Find(_file.Types[(int)number]) is var type ? (type, WireCodec.Of(type)) : default;
    }

    /// <summary>Reads one value as the reader's code has it.</summary>
    /// <param name="from">Where it stands.</param>
    /// <param name="wanted">As what it is wanted.</param>
    /// <param name="references">What references in it lead to.</param>
    /// <param name="copies">Whether whoever gets it may change it.</param>
    /// <exception cref="WireDamagedException">It is damaged.</exception>
    /// <exception cref="ConversionRefusedException">The reader's code cannot take it over.</exception>
    public object? Read(WireInput from, Type wanted, WireReferences references, bool copies = false)
    {
        var value = new WireReader(this, from, references).Read();

        if (_conversion is not null)
        {
            return _conversion.Convert(value, wanted, copies);
        }

        return value is null || wanted.IsInstanceOfType(value) ? value : throw new WireDamagedException($"it has a {LoadedTypes.Say(value.GetType())} where a {LoadedTypes.Say(wanted)} should be");
    }

    /// <summary>Lets go of the types that were made. What was read and not converted keeps them.</summary>
    public void Dispose()
    {
        if (_carriers is var (version, context))
        {
            version.Unload();
            HeldContext.Take(context);
        }
    }

    // The reader's own definitions, where nothing differs.
    private static Type[]? Same(ImmutableArray<WireShape> shapes, WireScope scope)
    {
        var definitions = new Type[shapes.Length];

        for (var i = 0; i < definitions.Length; i++)
        {
            if (scope.Hot(shapes[i]) is not { } own || scope.Release(shapes[i].Application) != shapes[i].Release
                || shapes[i].Text(number => Name(shapes[number])) != s_texts.GetValue(own, Text))
            {
                return null;
            }

            definitions[i] = own;
        }

        return definitions;
    }

    private static string Text(Type definition)
    {
        var mentioned = new List<Type>();
        return WireShape.Of(definition, type =>
        {
            mentioned.Add(type);
            return mentioned.Count - 1;
        }).Text(number => $"{CodeVersion.Of(mentioned[number])!.Application.Name}/{mentioned[number].Assembly.GetName().Name}/{mentioned[number].FullName}");
    }

    private static string Name(WireShape shape) => $"{shape.Application}/{shape.Assembly}/{shape.Name}";

    // Only what is of an application, what has a rule, and what is nothing but a value is ever made: see WireCodecs.
    private Type Find(WireType type)
    {
        switch (type)
        {
            case WireType.Leaf(var row):
                return row.Type;
            case WireType.Array(var element, var rank):
                return rank == 0 ? Find(element).MakeArrayType() : Find(element).MakeArrayType(rank);
            case WireType.Hot(var shape, var arguments):
                return Close(_definitions[shape], arguments);
            case WireType.Shared(var name, var arguments) when _scope.Shared(name) is { } known && !known.IsByRefLike:
                return Close(known, arguments);
            case WireType.Shared(var name, _):
                throw new WireDamagedException($"it has a {name}, which the application that reads it does not have");
            default:
                throw new WireDamagedException("it has a value of a type without values");
        }
    }

    private Type Close(Type definition, ImmutableArray<WireType> arguments)
    {
        try
        {
            return definition.IsGenericTypeDefinition == !arguments.IsEmpty ? arguments.IsEmpty ? definition : definition.MakeGenericType([.. arguments.Select(Find)])
                : throw new WireDamagedException($"{definition.FullName} has other type parameters");
        }
        // A constraint, or another number of them.
        catch (Exception exception) when (exception is ArgumentException or TypeLoadException or NotSupportedException)
        {
            throw new WireDamagedException($"{definition.FullName} does not take its type arguments", exception);
        }
    }
}
