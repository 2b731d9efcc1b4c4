using System.Xml.Linq;

namespace KdMtlBench.Host.Reports;

/// <summary>Makes a drawing part of a page: its text in the page's font and colour, each strategy's shapes with a class of their own.</summary>
internal static class PageSvg
{
    private const string CurrentColour = "currentColor";

    /// <param name="svg">As the plot library writes it.</param>
    /// <param name="figure">What it shows.</param>
    /// <param name="id">Unique on the page.</param>
    /// <param name="inks">Of the strategies that may be in it.</param>
    public static string Of(string svg, Figure figure, string id, IEnumerable<Ink> inks)
    {
        var byColour = inks.SelectMany(ink => new[] { (Key(ink.Colour), ink), (Key(ink.Grey), ink) })
            .DistinctBy(pair => pair.Item1)
            .ToDictionary(pair => pair.Item1, pair => pair.ink, StringComparer.OrdinalIgnoreCase);
        var root = XDocument.Parse(svg).Root!;
        root.ReplaceAttributes(
            new XAttribute("viewBox", $"0 0 {figure.Width} {figure.Height}"),
            new XAttribute("style", $"max-width:{figure.Width}px"),
            new XAttribute("role", "img"),
            new XAttribute("aria-label", figure.Title));
        foreach (var element in root.DescendantsAndSelf())
        {
            element.Name = element.Name.LocalName; // in HTML svg needs no namespace
            if (element.Name.LocalName == "text")
                Loosen(element);
            // In HTML no attribute has a namespace either: xlink:href is href.
            element.ReplaceAttributes(element.Attributes().Where(attribute => !attribute.IsNamespaceDeclaration)
                .Select(attribute => new XAttribute(attribute.Name.LocalName, Own(attribute, id))).ToList());
            Mark(element, byColour);
        }

        return root.ToString(SaveOptions.DisableFormatting);
    }

    /// <summary>A text's letters stand where they did on the drawing machine; here the browser sets them, from the first one's place.</summary>
    private static void Loosen(XElement text)
    {
        text.Value = text.Value.Trim();
        foreach (var attribute in text.Attributes().Where(attribute => attribute.Name.LocalName is "x" or "y"))
            attribute.Value = attribute.Value.Split(',')[0];
    }

    /// <summary>Names within a drawing become unique on the page.</summary>
    private static string Own(XAttribute attribute, string id) => attribute.Name.LocalName switch
    {
        "id" => $"{id}-{attribute.Value}",
        "clip-path" or "mask" or "fill" when attribute.Value.StartsWith("url(#", StringComparison.Ordinal) => attribute.Value.Replace("url(#", $"url(#{id}-", StringComparison.Ordinal),
        "href" when attribute.Value.StartsWith('#') => $"#{id}-{attribute.Value[1..]}",
        _ => attribute.Value,
    };

    /// <summary>A shape in a strategy's colour gets its class and, as the title that pointing at it shows, its name.</summary>
    private static void Mark(XElement shape, Dictionary<string, Ink> byColour)
    {
        foreach (var colour in shape.Attributes().Where(attribute => attribute.Name.LocalName is "fill" or "stroke"))
        {
            if (byColour.TryGetValue(colour.Value, out var ink) && shape.Attribute("class") is null)
            {
                shape.SetAttributeValue("class", $"s s{ink.Index}");
                shape.AddFirst(new XElement("title", ink.Name));
            }

            if (IsText(colour.Value))
                colour.Value = CurrentColour;
        }
    }

    private static bool IsText(string colour) =>
        colour.Equals(Key(Ink.Text), StringComparison.OrdinalIgnoreCase) || colour.Equals(Key(Ink.Neutral), StringComparison.OrdinalIgnoreCase);

    private static string Key(ScottPlot.Color colour) => $"#{colour.R:X2}{colour.G:X2}{colour.B:X2}";
}
