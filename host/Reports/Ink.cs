using ScottPlot;

namespace KdMtlBench.Host.Reports;

/// <summary>How a strategy is drawn: in a colour of its own where there is one left, else in a grey; told apart by
/// marker too.</summary>
/// <param name="Index">Of the strategy in the report.</param>
/// <param name="Name">Its label.</param>
/// <param name="IsColoured">Whether it has a colour.</param>
/// <param name="Colour">Its colour or grey; no two strategies have the same, so that the page can find a strategy's lines by it.</param>
/// <param name="Grey">A grey that is the strategy's alone, where the picture needs its colours otherwise.</param>
/// <param name="Marker">Of points, and on lines.</param>
internal sealed record Ink(int Index, string Name, bool IsColoured, Color Colour, Color Grey, MarkerShape Marker)
{
    /// <summary>Text and axes; the page replaces it by its own text colour.</summary>
    public static readonly Color Text = new(1, 2, 3);

    /// <summary>Of <c>uniform</c>; in the page the text's colour too.</summary>
    public static readonly Color Neutral = new(0, 4, 5);

    // Okabe & Ito's colours for all kinds of sight (2008), without the yellow, which does not show on white.
    private static readonly (string Colour, MarkerShape Marker)[] _styles =
    [
        (Neutral.ToHex(), MarkerShape.FilledSquare),
        ("#0072B2", MarkerShape.FilledCircle),
        ("#D55E00", MarkerShape.FilledTriangleUp),
        ("#009E73", MarkerShape.FilledDiamond),
        ("#CC79A7", MarkerShape.FilledTriangleDown),
        ("#E69F00", MarkerShape.FilledCircle),
        ("#56B4E9", MarkerShape.FilledSquare),
    ];

    /// <summary>How many strategies can have a colour.</summary>
    public static int Colours => _styles.Length;

    /// <summary>Hexadecimal, as in CSS.</summary>
    public string Css => Colour == Neutral ? "currentColor" : Colour.ToHex();

    /// <param name="index">Of the strategy in the report.</param>
    /// <param name="name">Its label.</param>
    /// <param name="colour">Of the colours, or negative for none.</param>
    public static Ink Of(int index, string name, int colour)
    {
        var grey = new Color((byte)(0x90 + (index & 15)), (byte)(0x90 + ((index >> 4) & 15)), (byte)(0x90 + ((index >> 8) & 15)));
        if (colour < 0)
            return new Ink(index, name, IsColoured: false, grey, grey, MarkerShape.FilledCircle);
        var style = _styles[colour];
        return new Ink(index, name, IsColoured: true, Color.FromHex(style.Colour), grey, style.Marker);
    }
}
