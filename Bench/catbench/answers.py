"""Answers of two engines, compared cell by cell.

Rows count in their order.  Integers, texts and times must be equal, floating-point numbers equal
to 1e-9 of their size, or to 1e-6 where one of the two columns is single precision.  NULL and NaN
are two things; so are an integer column and a floating-point one.
"""
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

DOUBLE_TOLERANCE = 1e-9
SINGLE_TOLERANCE = 1e-6


def difference(expected, found):
    """What sets the second table apart from the first, in words; None if they agree."""
    if expected.num_columns != found.num_columns:
        return f"{found.num_columns} columns, not {expected.num_columns}"
    if expected.num_rows != found.num_rows:
        return f"{found.num_rows} rows, not {expected.num_rows}"
    for index, name in enumerate(expected.column_names):
        words = column_difference(plain(expected.column(index)), plain(found.column(index)))
        if words:
            return f"{name}: {words}"
    return None


def column_difference(expected, found):
    kinds = kind(expected.type), kind(found.type)
    if kinds[0] != kinds[1]:
        return f"{found.type}, not {expected.type}"
    nulls = [column.is_null().to_numpy(zero_copy_only=False) for column in (expected, found)]
    wrong = nulls[0] != nulls[1]
    if not wrong.any():
        if kinds[0] == "float":
            wrong = ~close(expected, found) & ~nulls[0]
        else:
            equal = pc.fill_null(pc.equal(expected, found), True)
            wrong = ~equal.to_numpy(zero_copy_only=False)
    if not wrong.any():
        return None
    row = int(np.argmax(wrong))
    values = [column[row].as_py() for column in (expected, found)]
    shown = ["NULL" if value is None else repr(value) for value in values]
    return f"row {row}: {shown[1]}, not {shown[0]} ({int(wrong.sum())} rows differ)"


def close(expected, found):
    single = pa.float32() in (expected.type, found.type)
    tolerance = SINGLE_TOLERANCE if single else DOUBLE_TOLERANCE
    a, b = (column.cast(pa.float64()).fill_null(0).to_numpy() for column in (expected, found))
    with np.errstate(invalid="ignore"):
        near = np.abs(a - b) <= tolerance * np.maximum(np.abs(a), np.abs(b))
    near &= np.isfinite(a) & np.isfinite(b)
    return near | (a == b) | (np.isnan(a) & np.isnan(b))


def plain(column):
    """The column as one array of the widest type of its kind, without dictionaries."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    wanted = {
        "integer": pa.decimal128(38, 0), "text": pa.large_string(), "time": pa.timestamp("ns"),
    }.get(kind(array.type))
    if kind(array.type) == "integer" and pa.types.is_integer(array.type):
        array = array.cast(pa.uint64() if pa.types.is_uint64(array.type) else pa.int64())
    return array.cast(wanted) if wanted else array


def kind(type_):
    types = pa.types
    if types.is_integer(type_) or (types.is_decimal(type_) and type_.scale == 0):
        return "integer"
    if types.is_floating(type_):
        return "float"
    if types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_) \
            or types.is_binary(type_) or types.is_large_binary(type_):
        return "text"
    return "time" if types.is_timestamp(type_) else str(type_)


def read_export(path):
    """The rows of q18's file, by source_id: the query asks for no order."""
    single = {name: pa.float32() for name in ("parallax_error", "g_mag", "bp_mag", "rp_mag")}
    double = {name: pa.float64() for name in ("ra", "dec", "parallax", "pmra", "pmdec")}
    options = pyarrow.csv.ConvertOptions(
        column_types={"source_id": pa.int64(), "class": pa.string(), **single, **double},
        null_values=["", "\\N"], strings_can_be_null=True, quoted_strings_can_be_null=False)
    return pyarrow.csv.read_csv(path, convert_options=options).sort_by("source_id")
