using System.Runtime.CompilerServices;
using System.Xml.Linq;
using RingKeeper.Simulator.Detectors;
using Xunit;

namespace RingKeeper.Tests.Detectors;

/// <summary>The picture of docs/detectors.md shows the figures of its last table.</summary>
public sealed class BakeOffPictureTests
{
    private const string Columns = "| detector | setting | hang | crash | false deaths a day |";

    [Fact]
    public void The_picture_of_a_bake_off_shows_the_figures_of_its_table() => Assert.Equal(InTable(BakeOffTable.Write(SmallBakeOff.Report)), InPicture(BakeOffPicture.Write(SmallBakeOff.Report)));

    [Fact]
    public void The_picture_that_is_committed_shows_the_figures_of_the_page() => Assert.Equal(InTable(File.ReadAllText(PathOf("detectors.md"))), InPicture(File.ReadAllText(PathOf("detectors.svg"))));

    [Fact]
    public void Each_point_stands_where_its_figures_say()
    {
        foreach (var points in Points(BakeOffPicture.Write(SmallBakeOff.Report)).GroupBy(static point => (string)point.Attribute("data-panel")!))
        {
            var places = points.Select(static point => (Point: point, Place: ((string)point.Attribute("transform")!)[10..^1].Split(',').Select(double.Parse).ToArray())).ToList();

            Assert.Equal(Order(places.OrderBy(static one => one.Place[0]).ThenBy(static one => (double)one.Point.Attribute("data-seconds")!)), Order(places.OrderBy(static one => (double)one.Point.Attribute("data-seconds")!)));
            Assert.Equal(Order(places.OrderByDescending(static one => one.Place[1])), Order(places.OrderBy(static one => (double)one.Point.Attribute("data-false-deaths")!)));
        }

        static IEnumerable<double> Order(IEnumerable<(XElement Point, double[] Place)> points) => points.Select(static one => one.Place[0] + one.Place[1]);
    }

    [Fact]
    public void The_tables_stand_between_the_marks_of_a_page_and_nothing_else_changes()
    {
        var page = DetectorsCommand.Fill("before\n<!-- tables -->\nwhat stood here\n<!-- end of tables -->\nafter\n", SmallBakeOff.Report);

        Assert.StartsWith("before\n<!-- tables -->\n\nSeed 7,", page, StringComparison.Ordinal);
        Assert.EndsWith("<!-- end of tables -->\nafter\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("what stood here", page, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => DetectorsCommand.Fill("no marks", SmallBakeOff.Report));
    }

    // Panel, detector, setting, seconds, false deaths; what never happens has no place in a picture.
    private static IEnumerable<string> InTable(string text)
    {
        var rows = text.Split('\n').SkipWhile(static line => line.TrimEnd() != Columns).Skip(2).TakeWhile(static line => line.StartsWith('|')).Select(static line => line.Trim('|', '\r').Split('|', StringSplitOptions.TrimEntries)).ToList();
        Assert.True(rows.Count >= 20, "The table of all settings is not found.");
        return new[] { ("hang", 2), ("crash", 3) }
            .SelectMany(panel => rows.Where(row => row[panel.Item2] != "never").Select(row => $"{panel.Item1};{row[0]};{row[1]};{row[panel.Item2]};{row[4]}"))
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> InPicture(string svg) => Points(svg)
        .Select(static point => string.Join(';', new[] { "panel", "detector", "setting", "seconds", "false-deaths" }.Select(name => (string?)point.Attribute($"data-{name}"))))
        .Order(StringComparer.Ordinal);

    private static IEnumerable<XElement> Points(string svg) => XDocument.Parse(svg).Descendants().Where(static element => (string?)element.Attribute("class") == "point");

    private static string PathOf(string page, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", page);
}
