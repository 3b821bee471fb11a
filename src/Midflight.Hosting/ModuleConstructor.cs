using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Midflight.Hosting;

/// <summary>Calls the constructor of a module with services.</summary>
/// <remarks>
/// Not ActivatorUtilities: the provider keeps every type that it was ever asked for, so it must not be asked for a type of hot
/// code, which would stay in memory. The usual exception, a logger of the module's own category, is created here.
/// </remarks>
internal static class ModuleConstructor
{
    /// <summary>Creates an instance of a module.</summary>
    /// <exception cref="InvalidOperationException">It has several constructors to choose from, or asks for a service that the host does not have.</exception>
    /// <remarks>Exceptions of the constructor are thrown unchanged.</remarks>
    internal static object Call(Type module, IServiceProvider services, ILoggerFactory loggers)
    {
        var constructor = Of(module);
        var arguments = Array.ConvertAll(constructor.GetParameters(), parameter => Argument(module, parameter, services, loggers));
        return constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }

    private static ConstructorInfo Of(Type module)
    {
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var all = module.GetConstructors(Any);
        var candidates = all.Where(constructor => constructor.IsPublic).ToArray() is [_, ..] open ? open : all;
        return candidates is [var only]
            ? only
            : throw new InvalidOperationException($"{module.FullName} has {candidates.Length} constructors. Keep one, with the services that it needs.");
    }

    private static object? Argument(Type module, ParameterInfo parameter, IServiceProvider services, ILoggerFactory loggers)
    {
        var type = parameter.ParameterType;

        if (type.IsConstructedGenericType && type.GetGenericTypeDefinition() == typeof(ILogger<>))
        {
            return Activator.CreateInstance(typeof(Logger<>).MakeGenericType(type.GetGenericArguments()), loggers);
        }

        // Services that come and go with the code may be of its types.
        if (type.IsCollectible && !(services is IServiceProviderIsService own && own.IsService(type)))
        {
            throw new InvalidOperationException(
                $"{module.FullName} asks the host for {Name(type)}, which is a type of hot code, and services outlive it. Ask for a type that the host and the application share.");
        }

        var service = parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed
            ? (services as IKeyedServiceProvider)?.GetKeyedService(type, keyed.Key)
            : services.GetService(type);

        return service ?? (parameter.HasDefaultValue
            ? parameter.DefaultValue
            : throw new InvalidOperationException(
                $"{module.FullName} asks the host for {Name(type)}, which it does not have. Register it with `builder.Services`, or give the parameter a default."));
    }

    private static string Name(Type type) => type.IsConstructedGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;
}
