using System.Diagnostics;
using System.Text;

namespace Midflight.Host.Evaluation;

/// <summary>Shows exceptions in a shell: what happened, why, and where in the user's code.</summary>
internal static class Failure
{
    private const int MostFrames = 5;

    internal static string Describe(Exception exception)
    {
        var text = new StringBuilder($"{exception.GetType().Name}: {exception.Message}");

        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            text.AppendLine().Append($"  because of {inner.GetType().Name}: {inner.Message}");
        }

        foreach (var frame in UserFrames(exception.GetBaseException()).Take(MostFrames))
        {
            text.AppendLine().Append(frame);
        }

        return text.ToString();
    }

    // Frames of the runtime and of the shell do not help the user.
    private static IEnumerable<string> UserFrames(Exception exception) =>
        from frame in new StackTrace(exception, fNeedFileInfo: true).GetFrames()
        let method = frame.GetMethod()
        let file = frame.GetFileName()
        where file is not null && method?.DeclaringType is { } type && CodeVersion.Of(type) is not null
        select $"  at {TypeNames.Of(Outermost(method.DeclaringType!))} in {Path.GetFileName(file)}:line {frame.GetFileLineNumber()}";

    // For an asynchronous method or a lambda, the type that a person wrote.
    private static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } around && type.Name.StartsWith('<'))
        {
            type = around;
        }

        return type;
    }
}
