namespace Midflight.Observer;

/// <summary>A request and its answer, of whatever web server.</summary>
internal interface IExchange
{
    /// <summary>The address of the observer, without a slash at its end.</summary>
    public string Base { get; }

    /// <summary>Below that, without a slash at its beginning.</summary>
    public string Path { get; }

    public bool IsPost { get; }

    /// <summary>Ended when the client is gone.</summary>
    public CancellationToken Gone { get; }

    public string? Query(string name);

    /// <summary>Of a form that was sent. After <see cref="ReadForm"/>.</summary>
    public string? Field(string name);

    /// <summary>Reads the form; one that is too long is none.</summary>
    public Task ReadForm();

    /// <summary>Begins the answer.</summary>
    /// <returns>For what is in it.</returns>
    public Stream Begin(int status, string type, IEnumerable<(string Name, string Value)> headers);
}
