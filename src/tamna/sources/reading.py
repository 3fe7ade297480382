"""Find out by content what a file is, and read it. The registry of readers stands here.

`read_file` and `read_paths` are all that the rooms above need. A file is described by its content; its
name matters only where the content cannot say (wide tables of KPX), and a mapping file beats both.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tamna.errors import SourceError
from tamna.lang import _
from tamna.sources import (
    bdew,
    cases,
    epsis,
    kma,
    kpx_curtailment,
    kpx_market,
    kpx_regional,
    kpx_settled,
    kpx_wide,
    kpx_yearly,
    oibc,
    open_meteo,
)
from tamna.sources.block import NotSeries
from tamna.sources.files import LIMITS, Limits, open_file, refuse
from tamna.sources.folders import find_files
from tamna.sources.mapped import read_mapped
from tamna.sources.mapping import MAPPING_NAME, FileMapping, Mapping, mapping_beside, read_mapping
from tamna.sources.others import name_other

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tamna.sources.block import Reading
    from tamna.sources.files import File


@dataclass(frozen=True, slots=True)
class Reader:
    """One provider's layout: does a file have it, and what does it say."""

    name: str
    version: int
    sniff: Callable[[File], bool]
    read: Callable[[File], Reading]


READERS: tuple[Reader, ...] = tuple(
    Reader(module.NAME, module.VERSION, module.sniff, module.read)
    for module in (
        kpx_curtailment, kpx_regional, kpx_settled, kpx_market, epsis, kma, open_meteo, oibc, cases, bdew,
        kpx_yearly, kpx_wide,
    )
)  # fmt: skip


def read_file(
    path: Path | str, *, mapping: Mapping | Path | str | None = None, limits: Limits = LIMITS
) -> Reading | NotSeries:
    """Read one file as it was downloaded, whatever its name.

    A mapping that has an entry for the file's name decides how it is read: the one given, else a
    ``tamna-mapping.yaml`` in the file's folder.

    Raises
    ------
    SourceError
        Everything that is wrong with it, at once, each with its place.
    """
    path = Path(path)
    if path.name == MAPPING_NAME:
        read_mapping(path)
        return NotSeries(name=path.name, what=_("a mapping file"))
    file = open_file(path, limits)
    if mapping is None:
        mapping = mapping_beside(path)
    elif not isinstance(mapping, Mapping):
        mapping = read_mapping(Path(mapping))
    return read_opened(file, None if mapping is None else mapping.of(path.name))


def read_opened(file: File, mapping: FileMapping | None = None) -> Reading | NotSeries:
    """Read a file whose bytes are here, as `mapping` says or by its content; pure."""
    if mapping is not None:
        return _guarded(file, "mapped", lambda found: read_mapped(found, mapping))
    for reader in READERS:
        if reader.sniff(file):
            return _guarded(file, reader.name, reader.read)
    return name_other(file)


def _guarded(file: File, reader: str, read: Callable[[File], Reading]) -> Reading:
    """Turn what no reader foresaw into a refusal too: whoever gives a broken file never sees a traceback."""
    try:
        return read(file)
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
        raise refuse(
            file.name,
            _("the file looks like {reader} and does not hold together", reader=reader),
            seen=f"{type(error).__name__}: {error}",
            todo=_("Download it again; if it stays so, report it with the file."),
        ) from error


def read_paths(
    paths: Iterable[Path | str],
    *,
    mapping: Mapping | Path | str | None = None,
    limits: Limits = LIMITS,
) -> Iterator[tuple[Path, Reading | NotSeries | SourceError]]:
    """Read files and folders (with all below them) in the order of their names; a refusal stops nothing."""
    for path in find_files(paths):
        try:
            yield path, read_file(path, mapping=mapping, limits=limits)
        except SourceError as error:
            yield path, error
