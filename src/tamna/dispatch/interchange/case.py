"""A dispatch as one value, and the doors to PyPSA's files; PyPSA itself is an extra and imported when it is needed."""

from __future__ import annotations

import logging
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tamna.dispatch.system import Hours, State, System
from tamna.errors import InputError, MissingExtra, Place
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """What runs, the hours it faces, and what it was before them."""

    system: System
    hours: Hours
    state: State = field(default_factory=State)


def library() -> Any:
    """Give PyPSA.

    Raises
    ------
    MissingExtra
        It is not installed; with the command that installs it.
    """
    try:
        with quiet():
            return import_module("pypsa")
    except ImportError as error:
        raise MissingExtra(
            _("PyPSA networks need the extra 'pypsa', which is not installed"),
            todo=_("Install it: {command}", command="pip install 'tamna[pypsa]'"),
        ) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep to itself what PyPSA tells its own callers: what will change in its next version, and what it just did."""
    log = logging.getLogger("pypsa")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        log.setLevel(level)


def write_network(network: Any, path: Path) -> None:
    """Write a network as netCDF."""
    with quiet():
        network.export_to_netcdf(path)


def read_network(path: Path) -> Any:
    """Read a network from netCDF.

    Raises
    ------
    MissingExtra
        PyPSA is not installed.
    InputError
        There is no such file, or it is no network.
    """
    pypsa = library()
    if not path.is_file():
        raise InputError(
            _("there is no such file"), where=Place(file=str(path)), todo=_("Give a network as netCDF (.nc).")
        )
    try:
        with quiet():
            return pypsa.Network(str(path))
    except Exception as error:  # whatever netCDF, xarray or PyPSA say of a file that is none
        raise InputError(
            _(
                "this is no network of PyPSA: {reason}",
                reason=str(error).splitlines()[0] if str(error) else "",
            ),
            where=Place(file=str(path)),
            todo=_("Write it by network.export_to_netcdf(path)."),
        ) from error
