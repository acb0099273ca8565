"""Records as tables of pyarrow, Polars and pandas, where they are installed."""

from __future__ import annotations

import dataclasses
import typing
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Sequence

from ._records import fields_of, inner

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


def to_arrow(kind: type, records: Sequence[Any]) -> pyarrow.Table:
    """An Arrow table: amounts are ``decimal128(18, 2)``, days ``date32``, nested records structs."""
    import pyarrow

    schema = pyarrow.schema([(name, _type(hint)) for name, hint in fields_of(kind).items()])
    return pyarrow.Table.from_pylist([dataclasses.asdict(record) for record in records], schema=schema)


def to_polars(kind: type, records: Sequence[Any]) -> polars.DataFrame:
    """A Polars frame with the types of :func:`to_arrow`."""
    import polars

    frame = polars.from_arrow(to_arrow(kind, records))
    return typing.cast("polars.DataFrame", frame)


def to_pandas(kind: type, records: Sequence[Any]) -> pandas.DataFrame:
    """A pandas frame with Arrow's types, so that amounts and days stay exact."""
    import pandas

    return to_arrow(kind, records).to_pandas(types_mapper=pandas.ArrowDtype)


def _type(hint: Any) -> Any:
    import pyarrow

    hint = inner(hint)
    if typing.get_origin(hint) is list:
        (item,) = typing.get_args(hint)
        return pyarrow.list_(_type(item))
    if dataclasses.is_dataclass(hint):
        members = fields_of(typing.cast(type, hint))
        return pyarrow.struct([(name, _type(one)) for name, one in members.items()])
    return {
        str: pyarrow.string(),
        int: pyarrow.int64(),
        bool: pyarrow.bool_(),
        date: pyarrow.date32(),
        Decimal: pyarrow.decimal128(18, 2),
    }[hint]
