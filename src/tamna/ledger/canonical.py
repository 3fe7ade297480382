"""One value, one text: JSON in the canonical bytes of RFC 8785 (JCS), and a reader that takes nothing else.

A signature is over bytes, a claim is about values. The two agree only if a value has exactly one text
and a text exactly one value. So `parse` refuses what JSON leaves open (a key twice, invalid UTF-8, half
a surrogate pair, numbers that a double does not hold) and whatever is not written as `canonical` writes it.

Numbers are doubles: a whole number beyond 2^53 - 1 has no place as a number and goes as a string.

References
----------
RFC 8785, "JSON Canonicalization Scheme (JCS)", 2020; RFC 7493 (I-JSON).
"""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NoReturn

from tamna.errors import LedgerError
from tamna.lang import Message, _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["MOST_WHOLE", "canonical", "parse"]

MOST_WHOLE: Final = 2**53 - 1  # the largest whole number up to which a double holds all (RFC 7493, 2.2)
MOST_BYTES: Final = 64 * 1024 * 1024
MOST_DEEP: Final = 64


def canonical(value: Any) -> bytes:
    """Write `value` in its one text.

    Parameters
    ----------
    value
        Made of dict with text keys, list or tuple, str, int, float, bool and None.

    Raises
    ------
    LedgerError
        A number that a double does not hold, half a surrogate pair, or something that is not JSON.

    Examples
    --------
    >>> canonical({"b": [1.0, 4.50, 1e30], "a": None})
    b'{"a":null,"b":[1,4.5,1e+30]}'
    """
    try:
        return _text(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise LedgerError(_("half of a surrogate pair is no character"), seen=ascii(error.object)) from error
    except RecursionError as error:
        raise LedgerError(_("nested too deeply")) from error


def parse(
    raw: bytes, *, canonical_only: bool = True, most_bytes: int = MOST_BYTES, most_deep: int = MOST_DEEP
) -> Any:
    """Read JSON strictly; with `canonical_only` refuse whatever is not written as `canonical` writes it.

    Parameters
    ----------
    most_bytes, most_deep
        What is longer, or has more objects and lists inside each other, is not read.

    Raises
    ------
    LedgerError
        Invalid UTF-8, no JSON, a key twice, a number beyond 2^53 - 1 or none at all (NaN), half a surrogate
        pair, too deep, or not in canonical bytes.

    Examples
    --------
    >>> parse(b'{"wh":[1,2]}')
    {'wh': [1, 2]}
    """
    if len(raw) > most_bytes:
        raise LedgerError(_("longer than a file of this kind can be"), seen=f"{len(raw)} bytes")
    try:
        text = raw.decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        raise LedgerError(
            _("not valid UTF-8"), seen=f"byte {error.start}: 0x{raw[error.start]:02x}"
        ) from error
    try:
        value = json.loads(
            text,
            object_pairs_hook=_pairs,
            parse_int=_whole,
            parse_float=_double,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise LedgerError(_("not JSON"), seen=f"byte {error.pos}: {error.msg}") from error
    except RecursionError as error:
        raise LedgerError(_("nested too deeply")) from error
    _check_depth(value, most_deep)
    if canonical_only and canonical(value) != raw:
        raise LedgerError(
            _("not in canonical bytes (RFC 8785): order of keys, white space, escapes or numbers differ"),
            todo=_("Use the file as it was issued, unedited."),
        )
    return value


def _check_depth(value: Any, left: int) -> None:
    if left < 0:
        raise LedgerError(_("nested too deeply"))
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        if isinstance(one, dict | list):
            _check_depth(one, left - 1)


def _text(value: Any) -> str:
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return _int_text(value)
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, dict):
        return _dict_text(value)
    if isinstance(value, list | tuple):
        return _list_text(value)
    raise LedgerError(_("not a value of JSON"), seen=type(value).__name__)


def _list_text(values: Sequence[Any]) -> str:
    if values and all(type(v) is int for v in values):  # the hourly table: thousands of whole numbers
        for end in (min(values), max(values)):
            _int_text(end)
        return f"[{','.join(map(str, values))}]"
    return f"[{','.join(map(_text, values))}]"


def _dict_text(value: Mapping[Any, Any]) -> str:
    wrong = next((k for k in value if not isinstance(k, str)), None)
    if wrong is not None:
        raise LedgerError(_("a key of JSON is a text"), seen=repr(wrong))
    keys = sorted(value, key=lambda k: k.encode("utf-16-be"))
    return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{_text(value[k])}" for k in keys) + "}"


def _int_text(value: int) -> str:
    if abs(value) > MOST_WHOLE:
        _too_large(str(value))
    return str(int(value))


def _float_text(value: float) -> str:
    """Write a double as ECMAScript does: shortest digits that read back, exponent from 1e21 and below 1e-6."""
    if not math.isfinite(value):
        raise LedgerError(_("JSON has no such number"), seen=repr(value))
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    return ("-" if sign else "") + _placed(text.rstrip("0"), len(text) + int(exponent))


def _placed(digits: str, point: int) -> str:
    """Set the decimal point `point` digits from the left (ECMA-262, Number::toString)."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    sign = "+" if point > 0 else "-"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{rest}e{sign}{abs(point - 1)}"


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [k for k, _v in pairs]
        raise LedgerError(_("a key twice in one object"), seen=next(k for k in keys if keys.count(k) > 1))
    return found


def _whole(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > MOST_WHOLE:
        _too_large(text)
    return int(text)


def _double(text: str) -> float:
    value = float(text)
    if abs(value) > MOST_WHOLE:
        _too_large(text)
    return value


def _constant(text: str) -> NoReturn:
    raise LedgerError(_("JSON has no such number"), seen=text)


def _too_large(text: str) -> NoReturn:
    what: Message = _("a number beyond 2^53 - 1 does not survive as a double")
    raise LedgerError(what, seen=text, todo=_("Write it as a string."))
