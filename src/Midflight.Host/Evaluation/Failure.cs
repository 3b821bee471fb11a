using System.Diagnostics;
using System.Text;

namespace Midflight.Host.Evaluation;

/// <summary>Exceptions as a shell shows them: what and why, and where in the user's code.</summary>
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

    // The runtime's own frames, and those of the shell, say nothing to the one who typed.
    private static IEnumerable<string> UserFrames(Exception exception) =>
        from frame in new StackTrace(exception, fNeedFileInfo: true).GetFrames()
        let method = frame.GetMethod()
        let file = frame.GetFileName()
        where file is not null && method?.DeclaringType is { } type && CodeVersion.Of(type) is not null
        select $"  at {TypeNames.Of(Outermost(method.DeclaringType!))} in {Path.GetFileName(file)}:line {frame.GetFileLineNumber()}";

    // Of an asynchronous method or a lambda the type that a person wrote.
    private static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } around && type.Name.StartsWith('<'))
        {
            type = around;
        }

        return type;
    }
}
