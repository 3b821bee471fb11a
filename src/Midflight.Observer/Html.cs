using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace Midflight.Observer;

/// <summary>Markup of a page. What is written in the source is markup, what is put into it is text: so no value can become markup.</summary>
/// <example><code>html.Add($"&lt;td&gt;{process.Name}&lt;/td&gt;");</code></example>
/// <remarks>A value may stand between tags and in attributes with double quotes, and nowhere else.</remarks>
public sealed class Html
{
    private readonly StringBuilder _text = new();

    /// <summary>Adds markup. Its values are escaped, but for those that are <see cref="Html"/> themselves.</summary>
    /// <returns>The same.</returns>
    public Html Add([InterpolatedStringHandlerArgument("")] ref Markup markup)
    {
        ArgumentNullException.ThrowIfNull(markup.To);
        return this;
    }

    /// <summary>Markup alone.</summary>
    public static Html Of(ref Markup markup) => markup.To;

    /// <summary>The markup.</summary>
    public override string ToString() => _text.ToString();

    /// <summary>What the compiler makes of <c>$"…"</c> where markup is asked for.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Markup
    {
        internal readonly Html To;

        /// <summary>Markup by itself.</summary>
        public Markup(int literalLength, int formattedCount)
            : this(literalLength, formattedCount, new())
        {
        }

        /// <summary>Markup behind what is there.</summary>
        public Markup(int literalLength, int formattedCount, Html to)
        {
            ArgumentNullException.ThrowIfNull(to);
            To = to;
            to._text.EnsureCapacity(to._text.Length + literalLength + (16 * formattedCount));
        }

        /// <summary>Markup, as it is written in the source.</summary>
        public void AppendLiteral(string value) => To._text.Append(value);

        /// <summary>Markup that was made before.</summary>
        public void AppendFormatted(Html? value) => To._text.Append(value?._text);

        /// <summary>Text.</summary>
        public void AppendFormatted<T>(T value) => AppendFormatted(value, null);

        /// <summary>Text, formatted.</summary>
        public void AppendFormatted<T>(T value, string? format) => To._text.Append(HtmlEncoder.Default.Encode(
            value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value?.ToString() ?? ""));
    }
}
