"""The projection in columns, and the cubes that are summed up from it: Apache Arrow tables.

A **page** holds the rows of one day and kecamatan, one line a consultation. A **cube** holds, for
each combination of its dimensions, the counts (`cells`) and the sketches (`bins`: how many
durations fell into which bin; `measure` is the duration's place in `DURATIONS`). Sums of whole
numbers, so that cubes add up in any order.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any, get_args, get_type_hints

import pyarrow as pa
import pyarrow.compute

from services.reporting.domain.measures import COUNTS, DURATIONS, RATING, bin_of
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
    cells: pa.Table
    bins: pa.Table


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
    """The cubes of some pages, one for each choice of dimensions."""
    if not pages.num_rows:
        return [empty(dimensions) for dimensions in several]
    used = sorted({name for dimensions in several for name in dimensions})
    lines = []
    for number, column in enumerate(_BIN_COLUMNS):
        known = pages.select([*used, column]).filter(pa.compute.is_valid(pages[column]))
        measure = pa.repeat(pa.scalar(number, pa.int8()), known.num_rows)
        lines.append(_columns(known, used, measure=measure, bin=known[column]))
    durations = pa.concat_tables(lines)
    cubes = []
    for dimensions in several:
        counted = durations.group_by([*dimensions, "measure", "bin"], use_threads=False).aggregate(
            [([], "count_all")]
        )
        bins = _columns(
            counted,
            dimensions,
            measure=counted["measure"],
            bin=counted["bin"],
            count=counted["count_all"],
        )
        cubes.append(Cube(_cells(pages, dimensions), bins))
    return cubes


def added(cubes: Sequence[Cube], dimensions: Sequence[str]) -> Cube:
    """Their sum over `dimensions`, which all of them have."""
    cubes = [cube for cube in cubes if cube.cells.num_rows]
    if not cubes:
        return empty(dimensions)
    if len(cubes) == 1 and _tell_apart(dimensions, cubes[0].cells):
        cells, bins = cubes[0].cells, cubes[0].bins
        return Cube(cells.select([*dimensions, *SUMS]), bins.select([*dimensions, *_BINS]))
    bins = pa.concat_tables(cube.bins.select([*dimensions, *_BINS]) for cube in cubes)
    total = bins.group_by([*dimensions, "measure", "bin"], use_threads=False).aggregate(
        [("count", "sum")]
    )
    cells = pa.concat_tables(cube.cells.select([*dimensions, *SUMS]) for cube in cubes)
    return Cube(
        _cells(cells, dimensions),
        _columns(
            total,
            dimensions,
            measure=total["measure"],
            bin=total["bin"],
            count=total["count_sum"],
        ),
    )


_BINS = ("measure", "bin", "count")
#: How many bins there could be: their numbers have 16 bits and a sign.
_BIN_RANGE = 2**16


def _tell_apart(dimensions: Sequence[str], cells: pa.Table) -> bool:
    """Whether no two cells would be added: what else the cube knows follows from `dimensions`, as
    the kecamatan from the desa. Then the many more lines of bins need no sum either."""
    if not dimensions:
        return bool(cells.num_rows == 1)
    groups = cells.group_by(list(dimensions), use_threads=False).aggregate([])
    return bool(groups.num_rows == cells.num_rows)


def empty(dimensions: Sequence[str]) -> Cube:
    types = [(name, DIMENSION_TYPES[name]) for name in dimensions]
    bins = [("measure", pa.int8()), ("bin", pa.int16()), ("count", pa.int64())]
    return Cube(
        pa.schema([*types, *((name, pa.int64()) for name in SUMS)]).empty_table(),
        pa.schema([*types, *bins]).empty_table(),
    )


def narrowed(table: pa.Table, name: str, values: Sequence[Value]) -> pa.Table:
    """The lines of `table` in which `name` has one of `values`."""
    allowed = pa.array(values, DIMENSION_TYPES[name])
    return table.filter(pa.compute.is_in(table[name], value_set=allowed))


def labelled(table: pa.Table, name: str, text: str) -> pa.Table:
    """With a column `name` that says `text` in every line."""
    return table.append_column(name, pa.repeat(text, table.num_rows))


def in_order(cube: Cube) -> Cube:
    """With its bins by cell, measure and bin: so they are kept in a tenth of the room."""
    bins, places = cube.bins, pa.scalar(0, pa.int64())
    for name in [*bins.column_names[: -len(_BINS)], "measure"]:
        codes = bins[name].combine_chunks().dictionary_encode("encode")
        places = pa.compute.add(
            pa.compute.multiply(places, len(codes.dictionary)), codes.indices.cast(pa.int64())
        )
    bin_ = pa.compute.add(bins["bin"].combine_chunks().cast(pa.int64()), _BIN_RANGE // 2)
    places = pa.compute.add(pa.compute.multiply(places, _BIN_RANGE), bin_)
    return Cube(cube.cells, bins.take(pa.compute.sort_indices(places)))


def encoded(table: pa.Table, *, repeating: bool = False) -> bytes:
    """The same bytes for the same lines in the same order. `repeating`: the same few texts stand
    in many lines, and are written once."""
    if repeating:
        table = _with_texts(table, pa.types.is_string, lambda column: column.dictionary_encode())
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
    table = pa.ipc.open_stream(data, options=options).read_all()
    return _with_texts(table, pa.types.is_dictionary, lambda column: column.cast(pa.string()))


def _with_texts(
    table: pa.Table,
    are: Callable[[pa.DataType], bool],
    written: Callable[[pa.ChunkedArray], pa.ChunkedArray],
) -> pa.Table:
    columns = [written(one) if are(one.type) else one for one in table.columns]
    return pa.table(columns, names=table.column_names)


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


def _cells(table: pa.Table, dimensions: Sequence[str]) -> pa.Table:
    total = table.group_by(list(dimensions), use_threads=False).aggregate(
        [(name, "sum") for name in SUMS]
    )
    return _columns(total, dimensions, **{name: total[f"{name}_sum"] for name in SUMS})


def _columns(table: pa.Table, dimensions: Sequence[str], **more: Any) -> pa.Table:
    names = [*dimensions, *more]
    return pa.table([*(table[name] for name in dimensions), *more.values()], names=names)
