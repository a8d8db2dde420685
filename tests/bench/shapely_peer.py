"""Countries by Shapely, from the map as it was before it was mended.

Prints a table of where it says otherwise, and why; then, after a line of three dashes, the figures
as JSON. Arguments: the repository, and the folder with the points and the answers to them.
"""

import collections
import json
import pathlib
import struct
import sys
import time

import numpy
import shapely
from shapely import affinity

ROOT, OUT = map(pathlib.Path, sys.argv[1:])

# About 24 µm, to which the index rounds a point, and what floating point adds.
ON_BORDER = 1e-9


def codes():
    """The country of each feature, by its key."""
    found = {}
    for line in (ROOT / "src/earth/country/countries.tsv").read_text().splitlines():
        if not line.startswith("#"):
            code, _, _, keys = line.split("\t")
            found.update((key, code) for key in keys.split(";") if code != "")
    return found


def drawn():
    """Each polygon of the map: its country, itself, whether it was mended, and was turned."""
    map_ = json.loads((ROOT / "node_modules/world-atlas/countries-10m.json").read_text())
    scale, translate = map_["transform"]["scale"], map_["transform"]["translate"]
    arcs = []
    for arc in map_["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale[0] + translate[0], y * scale[1] + translate[1]))
        arcs.append(points)
    of_key = codes()
    for feature in map_["objects"]["countries"]["geometries"]:
        code = of_key.get(feature.get("id", feature["properties"]["name"]), "")
        polygons = feature["arcs"] if feature["type"] == "MultiPolygon" else [feature["arcs"]]
        for polygon in polygons:
            rings = [unrolled(arcs, ring) for ring in polygon]
            rings = [ring for ring in rings if len(set(ring)) > 2]
            if code.isalpha() and rings:
                yield from turned(code, shapely.Polygon(rings[0], rings[1:]))


def unrolled(arcs, ring):
    """The ring's points, running on beyond ±180, and round the globe by way of the South Pole."""
    points = []
    for index in ring:
        for x, y in arcs[index] if index >= 0 else arcs[~index][::-1]:
            if points:
                x += 360 * round((points[-1][0] - x) / 360)
            points.append((x, y))
    if abs(points[-1][0] - points[0][0]) > 1:
        points += [(points[-1][0], -91), (points[0][0], -91)]
    return points


def turned(code, polygon):
    is_mended = not polygon.is_valid
    if is_mended:
        polygon = shapely.make_valid(polygon)
    for turn in (-360, 0, 360):
        copy = affinity.translate(polygon, turn)
        if copy.bounds[2] >= -180 and copy.bounds[0] <= 180:
            yield code, copy, is_mended, copy.bounds[2] > 180 or copy.bounds[0] < -180


def read(name):
    data = (OUT / f"{name}.points").read_bytes()
    points = list(struct.iter_unpack("<dd", data))
    text = (OUT / f"{name}.countries").read_text()
    return points, [text[at : at + 2] for at in range(0, len(text), 2)]


def why(point, answer, said, tree, polygons):
    """The class that a disagreement is of."""
    if len(said) > 1:
        return "in two countries as drawn"
    near = [polygons[at] for at in tree.query(point.buffer(0.01))]
    if any(shape.boundary.distance(point) < ON_BORDER for _, shape, _, _ in near):
        return "on a border"
    if "VA" in (answer, *said):
        return "Vatican, drawn besides"
    # Mending moves a border by less than a step of the grid, 0.0036°.
    if any(mended and shape.distance(point) < 0.004 for _, shape, mended, _ in near):
        return "mended polygon"
    if any(across for _, _, _, across in near):
        return "antimeridian"
    return "not explained"


def main():
    polygons = list(drawn())
    shapes = [shape for _, shape, _, _ in polygons]
    shapely.prepare(shapes)
    tree = shapely.STRtree(shapes)
    figures = {}
    print("points        asked  otherwise  why")
    for name in ("snapshot", "hard"):
        points, answers = read(name)
        geometries = shapely.points(points)
        start = time.perf_counter()
        pairs = tree.query(geometries)
        near = numpy.array(shapes)[pairs[1]]
        # Not as the query's predicate: that prepares each point instead of the polygons.
        pairs = pairs[:, shapely.intersects(near, geometries[pairs[0]])]
        seconds = time.perf_counter() - start
        said = collections.defaultdict(set)
        for at, shape in pairs.T:
            said[at].add(polygons[shape][0])
        reasons = collections.Counter(
            why(geometries[at], answer, said[at], tree, polygons)
            for at, answer in enumerate(answers)
            if said[at] != ({answer} - {"--"})
        )
        print(f"{name:<10} {len(points):>8} {sum(reasons.values()):>10}")
        for reason, count in reasons.most_common():
            print(f"{'':<19} {count:>10}  {reason}")
        figures[f"country.shapely_otherwise_{name}"] = sum(reasons.values())
        figures[f"country.shapely_unexplained_{name}"] = reasons["not explained"]
        if name == "snapshot":
            figures["country.peer_shapely_ns"] = seconds / len(points) * 1e9
    print(f"---\n{json.dumps(figures)}")


main()
