using System.Text.Json;
using Midflight.Host.Control;

namespace Midflight.Observer;

/// <summary>A request for a page, and the node that it shows.</summary>
public sealed class ObserverContext
{
    private readonly IExchange _exchange;

    internal ObserverContext(ObserverSite site, IExchange exchange, CancellationToken cancellation) => (Site, _exchange, Cancellation) = (site, exchange, cancellation);

    internal ObserverSite Site { get; }

    /// <summary>Ended when nobody waits for the page any more.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Whether pages may change the node.</summary>
    public bool MayChange => Site.Settings.AllowChanges;

    /// <summary>What a form has to bring along, in a hidden field of the name <c>key</c>: it shows that the form is the observer's.</summary>
    public Html FormKey => Html.Of($"<input type=\"hidden\" name=\"key\" value=\"{Site.Key}\">");

    /// <summary>A value of the query; null if there is none of the name.</summary>
    public string? Query(string name) => _exchange.Query(name) is { Length: > 0 } value ? value : null;

    /// <summary>A field of the form that was sent; null if there is none of the name.</summary>
    public string? Field(string name) => _exchange.Field(name) is { Length: > 0 } value ? value : null;

    /// <summary>The address of a page, with values for its query; those that are null are left out.</summary>
    public string Link(string page, params (string Name, object? Value)[] query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var values = string.Join('&', query.Where(pair => pair.Value is not null)
            .Select(pair => $"{Uri.EscapeDataString(pair.Name)}={Uri.EscapeDataString(Convert.ToString(pair.Value, System.Globalization.CultureInfo.InvariantCulture)!)}"));
        return $"{_exchange.Base}/{page}{(values.Length > 0 ? "?" : "")}{values}";
    }

    /// <summary>Asks the node by the name of a request of its control channel.</summary>
    /// <param name="method">The name: <c>status</c>, say.</param>
    /// <param name="parameters">Its parameters. Default: none.</param>
    /// <exception cref="ObserverException">The node said no, or is not there.</exception>
    public Task<JsonElement> Ask(string method, object? parameters = null) => Site.Node.Ask(method, parameters, Cancellation);

    internal Task<TReply> Ask<TRequest, TReply>(TRequest request)
        where TRequest : IControlRequest<TReply> => Site.Node.Call<TRequest, TReply>(request, null, Cancellation);

    internal Html Process(string? pid) => pid is null ? new() : Html.Of($"<a href=\"{Link("process", ("pid", pid))}\">{pid}</a>");
}
