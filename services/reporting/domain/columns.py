"""The projection in columns, and the cubes that are summed up from it: Apache Arrow tables.

A **page** holds the rows of one day and kecamatan, one line a consultation. A **cube** holds, for
each combination of its dimensions, the counts (`cells`) and the sketches (`bins`: how many
durations of a cell fell into which bin). Sums of whole numbers, so that cubes add up in any order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any, get_args, get_type_hints

import pyarrow as pa
import pyarrow.compute as pc

from services.reporting.domain.measures import COUNTS, DURATIONS, NOTHING, RATING, bin_of
from services.reporting.domain.query import TIME_KEYS, Value
from services.reporting.domain.rows import Row

COUNTED: Mapping[str, str] = {name: f"n_{name}" for name in COUNTS}
"""Count → its column: `vulnerable` is a dimension as well."""

SUMS: tuple[str, ...] = (*COUNTED.values(), RATING, *(f"{name}_sum" for name in DURATIONS))
"""The columns of `cells` beside its dimensions: counts, and sums of ratings and durations (ms)."""

_BIN_COLUMNS = tuple(f"{name}_bin" for name in DURATIONS)
_ARROW = {str: pa.string(), int: pa.int64(), bool: pa.bool_()}


def _type_of(annotation: Any) -> pa.DataType:
    kinds = [kind for kind in get_args(annotation) or (annotation,) if kind is not NoneType]
    return _ARROW[kinds[0]]


ROW = pa.schema([(name, _type_of(kind)) for name, kind in get_type_hints(Row).items()])
DIMENSION_TYPES = {name: ROW.field(name).type for name in ROW.names} | dict.fromkeys(
    TIME_KEYS, pa.string()
)
PAGE = pa.schema(
    [
        *ROW,
        *((name, pa.int64()) for name in SUMS),
        *((name, pa.int16()) for name in _BIN_COLUMNS),
    ]
)


@dataclass(frozen=True, slots=True)
class Cube:
    """`cells`: a line for each combination, its dimensions and `SUMS`.

    `bins`: `cell` (the line of `cells`), `measure` (the place in `DURATIONS`), `bin`, `count`; in
    the order of bins, so that a quantile is found by counting. The same place may have several
    lines.
    """

    cells: pa.Table
    bins: pa.Table


#: Lines of bins for each cell, beyond which they are added up: there are four measures, and most
#: durations fall into some hundreds of bins.
LINES_OF_A_CELL = 4_000

_BINS = pa.schema(
    [("cell", pa.int32()), ("measure", pa.int8()), ("bin", pa.int16()), ("count", pa.int32())]
)


def page(rows: Iterable[Row]) -> pa.Table:
    """A table as `PAGE` says, in the order of the ids, whatever the order of `rows`."""
    ordered = sorted(rows, key=lambda row: row.id)
    if not ordered:
        return PAGE.empty_table()
    columns: dict[str, Sequence[Any]] = dict(
        zip(ROW.names, zip(*ordered, strict=True), strict=True)
    )
    for name, counts in COUNTS.items():
        columns[COUNTED[name]] = [int(counts(row)) for row in ordered]
    columns[RATING] = [rating or 0 for rating in columns["rating"]]
    for name, source in DURATIONS.items():
        took = columns[source]
        columns[f"{name}_sum"] = [one or 0 for one in took]
        columns[f"{name}_bin"] = [None if one is None else bin_of(one) for one in took]
    return pa.table([pa.array(columns[one.name], one.type) for one in PAGE], schema=PAGE)


def replaced(before: pa.Table, rows: Sequence[Row]) -> pa.Table:
    """A page with these rows in place of those of the same ids, or besides."""
    both = pa.concat_tables([before, page(rows)]).combine_chunks()
    # of two of the same id the later
    places = {id_: place for place, id_ in enumerate(both["id"].to_pylist())}
    order = [places[id_] for id_ in sorted(places)]
    return both if order == list(range(both.num_rows)) else both.take(pa.array(order))


def summed(pages: pa.Table, dimensions: Sequence[str]) -> Cube:
    """The cube of some pages."""
    (cube,) = summed_by(pages, [dimensions])
    return cube


def summed_by(pages: pa.Table, several: Sequence[Sequence[str]]) -> list[Cube]:
    """The cubes of some pages, one for each choice of dimensions, as `in_order` has them."""
    if not pages.num_rows:
        return [empty(dimensions) for dimensions in several]
    known = [_one(pc.is_valid(pages[column])) for column in _BIN_COLUMNS]
    found = [_one(pages[column]).drop_null() for column in _BIN_COLUMNS]
    bins = pa.chunked_array(found, pa.int16())
    measure = pa.chunked_array(
        [pa.repeat(pa.scalar(number, pa.int8()), len(of)) for number, of in enumerate(found)]
    )
    cubes = []
    for dimensions, numbers in zip(several, _numbers_by(pages, several), strict=True):
        cell = pa.chunked_array([numbers.filter(of) for of in known], pa.int32())
        count = pa.repeat(pa.scalar(1, pa.int32()), len(cell))
        lines = pa.table([cell, measure, bins, count], schema=_BINS)
        cubes.append(in_order(Cube(_cells(pages, numbers, dimensions), lines)))
    return cubes


def added(cubes: Sequence[Cube], dimensions: Sequence[str]) -> Cube:
    """Their sum over `dimensions`, which all of them have.

    Each line of bins says of another cell than before. They are added up only where few are left:
    else that would take longer than all the rest.
    """
    cubes = [cube for cube in cubes if cube.cells.num_rows]
    if not cubes:
        return empty(dimensions)
    cells = pa.concat_tables(cube.cells.select([*dimensions, *SUMS]) for cube in cubes)
    (numbers,) = _numbers_by(cells, [dimensions])
    parts, first = list[pa.Table](), 0
    for cube in cubes:
        places = numbers.slice(first, cube.cells.num_rows)
        first += cube.cells.num_rows
        cell = places.take(cube.bins["cell"])
        parts.append(cube.bins.set_column(0, _BINS.field("cell"), cell))
    total, bins = _cells(cells, numbers, dimensions), pa.concat_tables(parts)
    if bins.num_rows > LINES_OF_A_CELL * total.num_rows:
        bins = _merged(bins, total.num_rows)
    elif len(parts) > 1:
        bins = bins.sort_by("bin")
    return Cube(total, bins)


def in_order(cube: Cube) -> Cube:
    """The one form of what it says, in which it is kept: cells by their dimensions, bins by bin,
    measure and cell, one line for each."""
    dimensions = [name for name in cube.cells.column_names if name in DIMENSION_TYPES]
    if not dimensions:
        return Cube(cube.cells, _merged(cube.bins, 1))
    order = pc.sort_indices(cube.cells, [(name, "ascending") for name in dimensions])
    places = pc.sort_indices(order).cast(pa.int32())
    bins = cube.bins.set_column(0, _BINS.field("cell"), places.take(cube.bins["cell"]))
    return Cube(cube.cells.take(order), _merged(bins, cube.cells.num_rows))


def empty(dimensions: Sequence[str]) -> Cube:
    types = [(name, DIMENSION_TYPES[name]) for name in dimensions]
    return Cube(
        pa.schema([*types, *((name, pa.int64()) for name in SUMS)]).empty_table(),
        _BINS.empty_table(),
    )


def chosen(cube: Cube, wanted: pa.BooleanArray) -> Cube:
    """Of the cells those for which `wanted` says so, and their bins."""
    if pc.all(wanted).as_py():
        return cube
    places = pc.subtract(pc.cumulative_sum(wanted.cast(pa.int32())), pa.scalar(1, pa.int32()))
    cell = pc.if_else(wanted, places, None).take(cube.bins["cell"])
    bins = cube.bins.set_column(0, _BINS.field("cell"), cell).filter(pc.is_valid(cell))
    return Cube(cube.cells.filter(wanted), bins)


def has(table: pa.Table, name: str, values: Sequence[Value]) -> pa.BooleanArray:
    """Of each line whether `name` has one of `values`."""
    allowed = pa.array(values, DIMENSION_TYPES[name])
    return _one(pc.is_in(table[name], value_set=allowed))


def labelled(table: pa.Table, name: str, text: str) -> pa.Table:
    """With a column `name` that says `text` in every line."""
    return table.append_column(name, pa.repeat(text, table.num_rows))


def encoded(table: pa.Table) -> bytes:
    """The same bytes for the same lines in the same order."""
    sink = pa.BufferOutputStream()
    # Zstandard makes a page smaller by a third, and takes ten times as long, also to read it; for
    # its small columns a thread costs more than it saves
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table.combine_chunks())
    data: bytes = sink.getvalue().to_pybytes()
    return data


def decoded(data: bytes) -> pa.Table:
    options = pa.ipc.IpcReadOptions(use_threads=False)
    return pa.ipc.open_stream(data, options=options).read_all()


def of_today(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table of an older version's making with the columns of `schema`, in which nothing was
    counted then."""
    if table.schema.names == schema.names:
        return table
    nothing = {name: pa.repeat(pa.scalar(0, pa.int64()), table.num_rows) for name in SUMS}
    known = set(table.column_names)
    return pa.table(
        [
            table[field.name]
            if field.name in known
            else nothing.get(field.name, pa.nulls(table.num_rows, field.type))
            for field in schema
        ],
        schema=schema,
    )


def cells_schema(table: pa.Table) -> pa.Schema:
    """Of the cells of a cube over the dimensions of `table`, whatever else that holds."""
    return empty([name for name in table.column_names if name in DIMENSION_TYPES]).cells.schema


def _numbers_by(table: pa.Table, several: Sequence[Sequence[str]]) -> Iterator[pa.Int32Array]:
    """For each choice of dimensions: of each line the number of its combination, from 0 on, in the
    order in which they come first."""
    codes = {
        name: _one(table[name]).dictionary_encode("encode")
        for name in {name for dimensions in several for name in dimensions}
    }
    for dimensions in several:
        places = pa.repeat(pa.scalar(0, pa.int64()), table.num_rows)
        for name in dimensions:
            code = codes[name]
            places = pc.add(
                pc.multiply(places, len(code.dictionary)), code.indices.cast(pa.int64())
            )
        yield places.dictionary_encode().indices


def _cells(table: pa.Table, numbers: pa.Int32Array, dimensions: Sequence[str]) -> pa.Table:
    """`numbers`: of the cell to which each line of `table` is added."""
    lines = table.select([*dimensions, *SUMS]).append_column("cell", numbers)
    total = lines.group_by("cell", use_threads=False).aggregate(
        [*((name, "one") for name in dimensions), *((name, "sum") for name in SUMS)]
    )
    total = total.sort_by("cell")
    columns = [*(total[f"{name}_one"] for name in dimensions), *(total[f"{n}_sum"] for n in SUMS)]
    return pa.table(columns, names=[*dimensions, *SUMS])


def _merged(bins: pa.Table, cells: int) -> pa.Table:
    """One line for each place, by bin, measure and cell of `cells`.

    Places are one number each, without gaps between: so they are grouped and put into order in a
    fraction of the time (a hash of numbers that share their low bits takes ten times as long).
    """
    measures = len(_BIN_COLUMNS)
    kind = pa.int32() if cells * measures * _BINS_THERE_MAY_BE < 2**31 else pa.int64()
    place = pc.subtract(bins["bin"].cast(kind), pa.scalar(NOTHING, kind))
    for column, many in (("measure", measures), ("cell", cells)):
        place = pc.add(pc.multiply(place, pa.scalar(many, kind)), bins[column].cast(kind))
    total = (
        pa.table([place, bins["count"]], names=["place", "count"])
        .group_by("place", use_threads=False)
        .aggregate([("count", "sum")])
        .sort_by("place")
    )
    rest, cell = _divided(total["place"], cells)
    bin_, measure = _divided(rest, measures)
    columns = [cell, measure, pc.add(bin_, NOTHING), total["count_sum"]]
    return pa.table(
        [column.cast(field.type) for column, field in zip(columns, _BINS, strict=True)],
        schema=_BINS,
    )


#: As many as their numbers can tell apart, in 16 bits.
_BINS_THERE_MAY_BE = 2**16


def _divided(numbers: pa.ChunkedArray, by: int) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Quotients and remainders; of numbers that are not negative."""
    divisor = pa.scalar(by, numbers.type)
    quotients = pc.divide(numbers, divisor)
    return quotients, pc.subtract(numbers, pc.multiply(quotients, divisor))


def _one(column: pa.ChunkedArray) -> pa.Array:
    """In one piece."""
    return column.combine_chunks()
