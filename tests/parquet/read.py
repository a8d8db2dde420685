"""Reads the archive's Parquet files with DuckDB, Polars, pyarrow and PyIceberg.

usage: read.py FOLDER URL

FOLDER is what examples/parquet.rs wrote, its responses included, and a server at URL serves it. All
values are compared with the responses, bit for bit.
"""

import glob
import json
import os
import pathlib
import re
import struct
import sys
import tempfile
import unittest
import urllib.parse

import duckdb
import fsspec
import polars
import pyarrow.dataset
import pyarrow.parquet

FOLDER, URL = pathlib.Path(sys.argv[1]), sys.argv[2]
PAGE = pathlib.Path(__file__).parents[2] / "docs" / "parquet.md"
HOURS = "parquet/day=*/hour=*/states.parquet"
# Columns of a response's row, as OpenSky documents them.
PLACES = {"longitude": 5, "latitude": 6, "baro_altitude": 7, "velocity": 9, "true_track": 10}


def bits(value):
    """The bits of a number, None for null."""
    return None if value is None else struct.pack("<d", value)


def expected():
    """(time, icao24) to the numbers of the responses."""
    rows = {}
    for path in sorted((FOLDER / "responses").glob("*.json")):
        response = json.loads(path.read_text())
        for state in response["states"]:
            # The feed rejects rows with neither callsign nor position.
            if not (state[1] or "").strip() and state[5] is None:
                continue
            numbers = tuple(bits(state[place]) for place in PLACES.values())
            rows[(response["time"], state[0])] = numbers
    return rows


def compare(test, rows):
    """Compares rows of (Unix seconds, icao24, numbers…) with the responses."""
    read = {(int(time), icao24): tuple(map(bits, numbers)) for time, icao24, *numbers in rows}
    test.assertEqual(len(read), len(rows), "a row is there twice")
    test.assertTrue(read == EXPECTED, "the values differ from the responses")


def files():
    return sorted(glob.glob(HOURS))


def blocks(language):
    """The page's blocks of code in a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)


class Readers(unittest.TestCase):
    def test_duckdb_reads_the_partitions(self):
        rows = duckdb.sql(
            f"SELECT epoch(time), icao24, {', '.join(PLACES)} "
            f"FROM read_parquet('{HOURS}', hive_partitioning = true)"
        ).fetchall()
        compare(self, rows)
        hours = duckdb.sql(f"SELECT DISTINCT day, hour FROM read_parquet('{HOURS}')").fetchall()
        self.assertEqual(len(hours), 2, hours)

    def test_polars_reads_the_partitions(self):
        frame = polars.scan_parquet(HOURS, hive_partitioning=True)
        seconds = polars.col("time").dt.epoch("s")
        compare(self, frame.select(seconds, "icao24", *PLACES).collect().rows())

    def test_pyarrow_reads_the_partitions(self):
        table = pyarrow.dataset.dataset("parquet", partitioning="hive").to_table()
        self.assertEqual(str(table.schema.field("time").type), "timestamp[us, tz=UTC]")
        seconds = [time.timestamp() for time in table["time"].to_pylist()]
        names = ["icao24", *PLACES]
        compare(self, list(zip(seconds, *(table[name].to_pylist() for name in names))))

    def test_the_metadata_says_what_is_in_the_file(self):
        file = pyarrow.parquet.ParquetFile(files()[0])
        pairs = {key: value for key, value in file.metadata.metadata.items()}
        self.assertEqual(pairs, {b"simulated": b"true", b"source": b"simulated"})
        sorting = file.metadata.row_group(0).sorting_columns
        names = [file.schema_arrow.names[column.column_index] for column in sorting]
        self.assertEqual(names, ["icao24", "time"])

    def test_one_aircraft_is_read_over_http_by_ranges(self):
        path = files()[0]
        icao24 = pyarrow.parquet.read_table(path)["icao24"][0].as_py()
        url = f"{URL}/{urllib.parse.quote(path)}"
        wanted = polars.read_parquet(path).filter(polars.col("icao24") == icao24)
        found = polars.scan_parquet(url).filter(polars.col("icao24") == icao24).collect()
        self.assertTrue(found.equals(wanted) and len(found) > 0)
        with fsspec.open(url) as file:
            table = pyarrow.parquet.read_table(file, filters=[("icao24", "=", icao24)])
        self.assertTrue(polars.from_arrow(table).equals(wanted))


class ThePage(unittest.TestCase):
    def test_its_views_have_the_documented_names_and_units(self):
        for view in blocks("sql"):
            duckdb.execute(view)
        rows = duckdb.sql(
            "SELECT time, icao24, lon, lat, baroaltitude, velocity, heading FROM opensky"
        ).fetchall()
        compare(self, rows)
        wrong = duckdb.sql("SELECT count(*) FROM opensky WHERE hour % 3600 <> 0 OR hour > time")
        self.assertEqual(wrong.fetchall(), [(0,)])
        pair = "FROM traffic AS t JOIN opensky AS o "
        pair += "ON epoch(timestamp) = time AND t.icao24 = o.icao24"
        far = "abs(t.altitude * 0.3048 - o.baroaltitude) > 1e-6"
        far += " OR abs(t.groundspeed * 1852 / 3600 - o.velocity) > 1e-6"
        far += " OR abs(t.vertical_rate * 0.3048 / 60 - o.vertrate) > 1e-6"
        self.assertEqual(duckdb.sql(f"SELECT count(*) {pair}").fetchall(), [(len(EXPECTED),)])
        self.assertEqual(duckdb.sql(f"SELECT count(*) {pair} WHERE {far}").fetchall(), [(0,)])

    def test_its_python_runs(self):
        readers, iceberg = blocks("python")
        exec(readers, {})
        self.assertIn("sqlite:///catalog.db", iceberg)

    def test_iceberg_registers_the_files_as_they_are(self):
        _, recipe = blocks("python")
        with tempfile.TemporaryDirectory() as folder:
            recipe = recipe.replace("catalog.db", f"{folder}/catalog.db")
            names = {}
            exec(recipe.replace("/tmp/warehouse", folder), names)
            table = names["table"].scan().to_arrow()
        compare(
            self,
            [
                (row["time"].timestamp(), row["icao24"], *(row[name] for name in PLACES))
                for row in table.select(["time", "icao24", *PLACES]).to_pylist()
            ],
        )


if __name__ == "__main__":
    EXPECTED = expected()
    assert EXPECTED, "the responses are empty"
    os.chdir(FOLDER)
    unittest.main(argv=sys.argv[:1])
