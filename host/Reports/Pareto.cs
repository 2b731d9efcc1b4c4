namespace KdMtlBench.Host.Reports;

/// <summary>Points of which two qualities are wanted, both the larger the better.</summary>
internal static class Pareto
{
    /// <summary>Whether no other point is at least as good in both and better in one.</summary>
    public static bool[] Front(IReadOnlyList<(double X, double Y)> points) =>
        [.. points.Select(point => !points.Any(other => other.X >= point.X && other.Y >= point.Y && (other.X > point.X || other.Y > point.Y)))];

    /// <summary>The area that the points dominate beyond a reference point; points that are not beyond it in both add nothing.</summary>
    public static double Hypervolume(IEnumerable<(double X, double Y)> points, (double X, double Y) reference)
    {
        var (area, height) = (0.0, reference.Y);
        foreach (var (x, y) in points.Where(point => point.X > reference.X && point.Y > reference.Y).OrderByDescending(point => point.X).ThenByDescending(point => point.Y))
        {
            if (y <= height)
                continue;
            area += (x - reference.X) * (y - height);
            height = y;
        }

        return area;
    }
}
