"""A plot has a panel a company, a line a detector, and names that cannot break it."""

from xml.etree import ElementTree

from benchmarks.plot import draw_recall

SVG = "{http://www.w3.org/2000/svg}"


def test_a_line_rises_with_recall_and_names_are_escaped() -> None:
    drawn = draw_recall({"small": {"ours & mine": {1.0: 0.0, 20.0: 1.0}, "<peer>": {1.0: 0.5, 20.0: 0.5}}, "large": {}})
    root = ElementTree.fromstring(drawn)
    lines = root.findall(f"{SVG}polyline")
    assert len(lines) == 2
    ours = next(line for line in lines if line.get("stroke-width") == "2.5")
    (x1, y1), (x2, y2) = ([float(value) for value in point.split(",")] for point in str(ours.get("points")).split())
    assert x1 < x2
    assert y1 > y2
    named = [text.text for text in root.findall(f"{SVG}text")]
    assert {"ours & mine", "<peer>", "small", "large"} <= set(named)
