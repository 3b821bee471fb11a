using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Midflight.AspNetCore;

/// <summary>A hub in one code version: its methods, by the names that clients call, and the serializer for its types.</summary>
internal sealed class HubVersion
{
    private readonly Dictionary<string, HubMethod> _methods = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="type">The hub's class.</param>
    /// <param name="services">The services of the program and of the version.</param>
    /// <exception cref="InvalidOperationException">Two methods have the same name, so a client could not say which it means.</exception>
    internal HubVersion(Type type, ModuleServices services)
    {
        (Type, Services, Version) = (type, services, CodeVersion.Of(type));

        foreach (var method in type.GetMethods(BindingFlags.Instance | BindingFlags.Public))
        {
            if (method.IsSpecialName || method.GetBaseDefinition().DeclaringType is { } of && (of == typeof(object) || of == typeof(Hub) || of == typeof(IDisposable)))
            {
                continue;
            }

            var name = method.GetCustomAttribute<HubMethodNameAttribute>()?.Name ?? method.Name;

            if (!_methods.TryAdd(name, new(name, method, services)))
            {
                throw new InvalidOperationException($"{type.FullName} has two methods called {name}, and clients call methods by name. Rename one, or give it a HubMethodName.");
            }
        }

        var json = new JsonHubProtocolOptions();

        foreach (var configure in services.GetServices<IConfigureOptions<JsonHubProtocolOptions>>())
        {
            configure.Configure(json);
        }

        // In a cache of its own, which goes with the version.
        json.PayloadSerializerOptions.TypeInfoResolver ??= new DefaultJsonTypeInfoResolver();
        json.PayloadSerializerOptions.TypeInfoResolverChain.Insert(0, new ModuleServices.Apart());
        Json = new JsonHubProtocol(Options.Create(json));
    }

    internal Type Type { get; }

    internal CodeVersion? Version { get; }

    internal ModuleServices Services { get; }

    internal JsonHubProtocol Json { get; }

    /// <summary>The method that clients call by a name; null if there is none.</summary>
    internal HubMethod? Find(string name) => _methods.GetValueOrDefault(name);
}
