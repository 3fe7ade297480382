"""What a page is made of: sections of paragraphs, tables, pictures, callouts, definitions, listings.

Everything here is a plain value that knows no language: a text is a `Message` (or a name that is
the same in every language), an amount is a number with its unit, a moment is UTC. Only when the
page is written are they put into Korean or English and into island time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tamna.lang import Message

if TYPE_CHECKING:
    import numpy as np

Text: TypeAlias = str | Message
Spec: TypeAlias = Mapping[str, Any]
Reader: TypeAlias = Literal["governor", "engineer", "auditor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A number as a reader sees it.

    Attributes
    ----------
    value
        None or NaN shows as a dash, never as zero. With unit ``%`` a fraction: 0.159 shows as 15.9%.
    unit
        Written behind the number; empty where the column names it.
    digits
        Decimals.
    estimated
        Shown with the mark of an estimate.
    signed
        A difference: the plus is written too.
    """

    value: float | None
    unit: str = ""
    digits: int = 1
    estimated: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A UTC instant, shown in island time to the minute."""

    at: np.datetime64


@dataclass(frozen=True, slots=True)
class Code:
    """A name, hash or command: fixed width, never translated."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """There is no value: the word stands in the cell, the reason below the table."""

    word: Text
    reason: Text | None = None


Atom: TypeAlias = Text | Amount | Moment | Code | Missing


@dataclass(frozen=True, slots=True)
class Lines:
    """Several things in one cell, one under the other; empty ones left out."""

    parts: tuple[Atom, ...]


Cell: TypeAlias = Atom | Lines


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head; numbers stand right. `wide` columns take what room is left."""

    title: Text
    number: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table whose first column names its rows. `strong` rows (totals) by index."""

    title: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: Text | None = None
    strong: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.title}: a row of {len(row)} cells under {len(self.columns)} columns")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `lead` is larger, for the one sentence that must be read."""

    text: Text
    lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Callout:
    """What a reader must not miss."""

    title: Text
    texts: tuple[Text, ...]
    warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """Terms and what they mean."""

    title: Text
    items: tuple[tuple[Text, Text], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Lines to type exactly."""

    title: Text
    lines: tuple[str, ...]
    note: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Sentences one under the other, each with its own mark."""

    title: Text
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One entry of a picture's legend; `colour` is ``#rrggbb``, `line` draws a stroke, not a square, `dashed` a broken one."""

    title: Text
    colour: str
    line: bool = False
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One drawing, for paper and desk (`wide`) and for a phone (`narrow`, also where panels stand side by side).

    Both are Vega-Lite specifications; without `wide`, `narrow` serves everywhere.
    """

    narrow: Spec
    wide: Spec | None = None
    title: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture with its title, legend, and the sentence that replaces it for those who cannot see it."""

    title: Text
    alt: Text
    panels: tuple[Panel, ...]
    legend: tuple[Key, ...] = ()
    caption: Text = ""


Block: TypeAlias = Paragraph | Table | Picture | Callout | Definitions | Listing | Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and its blocks, standing in the part that is written for `reader`."""

    title: Text
    blocks: tuple[Block, ...]
    reader: Reader = "engineer"
