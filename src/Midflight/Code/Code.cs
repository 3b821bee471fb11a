using System.Reflection;

namespace Midflight;

/// <summary>Calls through Midflight: they run the current version of the code, whichever version calls.</summary>
public static partial class Code
{
    /// <summary>Calls the current version of a static method: Erlang's <c>module:function()</c>.</summary>
    /// <exception cref="MissingMethodException">The current version has no such method.</exception>
    public static T Call<T>(Func<T> function) =>
        Newer(function) is { } current ? (T)Call(current, function, [])! : function();

    /// <inheritdoc cref="Call{T}(Func{T})"/>
    public static T Call<TArgument, T>(Func<TArgument, T> function, TArgument argument) =>
        Newer(function) is { } current ? (T)Call(current, function, [argument])! : function(argument);

    /// <inheritdoc cref="Call{T}(Func{T})"/>
    public static T Call<T1, T2, T>(Func<T1, T2, T> function, T1 first, T2 second) =>
        Newer(function) is { } current ? (T)Call(current, function, [first, second])! : function(first, second);

    // The current version, if the function belongs to another one. A closure belongs to the version that created it, as in OTP.
    private static CodeVersion? Newer(Delegate function)
    {
        ArgumentNullException.ThrowIfNull(function);
        var own = CodeVersion.Of(function);
        return function.Target is null && own?.Application.Current is { } current && current != own ? current : null;
    }

    private static object? Call(CodeVersion current, Delegate function, object?[] arguments)
    {
        var method = current.Namesake(function.Method);
        var parameters = method.GetParameters();

        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Door.Into(current, arguments[i], parameters[i].ParameterType);
        }

        var result = method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);

        // Converted back to the caller's own version.
        return Door.Into(CodeVersion.Of(function), result, function.Method.ReturnType);
    }
}
