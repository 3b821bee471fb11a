namespace Midflight.Releases;

/// <summary>What is wrong with a file, and where.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Line">The line, from 1; 0 if the file does not exist.</param>
/// <param name="Column">The column, in UTF-8 bytes from 1; 0 if the file does not exist.</param>
/// <param name="Found">What was found there.</param>
/// <param name="Expected">What was expected there.</param>
public sealed record FileError(string File, int Line, int Column, string Found, string Expected)
{
    /// <summary>The kind of error.</summary>
    public FileFault Fault { get; init; } = FileFault.Wrong;

    /// <summary>The place as a path of members, such as <c>applications[2].type</c>; empty for the whole file.</summary>
    public string Member { get; init; } = "";

    /// <summary>The whole sentence shown to a person.</summary>
    public override string ToString()
    {
        var place = Line == 0 ? File : $"{File}:{Line}:{Column}";
        var member = Member.Length == 0 ? "" : $" at {Member}";
        return $"{place}: found {Found}{member}, expected {Expected}.";
    }
}

/// <summary>The kinds of errors in files.</summary>
public enum FileFault
{
    /// <summary>Something was found in place of something else.</summary>
    Wrong,

    /// <summary>There is no such file.</summary>
    NotFound,

    /// <summary>The file is empty.</summary>
    Empty,

    /// <summary>The text is not JSON.</summary>
    Syntax,

    /// <summary>A required member is missing.</summary>
    Missing,
}
