"""I5 to I7, counted again from nothing: what came out of storages, hydrogen, lots."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.lang import Message, _
from tamna.ledger.backing import backing
from tamna.ledger.claiming import hours_of
from tamna.ledger.converting import FLOOR_WH_PER_KG, STEAM_FLOOR_WH_PER_KG
from tamna.ledger.event import CLAIM_PARTS
from tamna.ledger.load import covering
from tamna.ledger.lots import lot_hours
from tamna.ledger.nouns import Entitlement
from tamna.ledger.state import Draft, Standing, State
from tamna.ledger.trace import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["carried_broken"]


def carried_broken(state: State) -> Iterator[Message]:
    """Name what does not hold of storages, batches and lots."""
    charged = _charged(state)
    for name in state.storages:
        yield from _storage(state, name, charged[name])
    yield from _batches(state)
    yield from _lots(state)


def _storage(state: State, name: str, went_in: Counter[tuple[int, int, bool]]) -> Iterator[Message]:
    storage, windows = state.storages[name], state.windows[name]
    came_out: Counter[tuple[int, int, bool]] = Counter()
    issued: dict[tuple[str, int], int] = {}
    for device in (storage.device, storage.place):
        line = state.line(device)
        for start, wh, live in zip(
            line.start.tolist(), np.diff(line.base).tolist(), line.live.tolist(), strict=True
        ):
            if live:
                issued[device, _second(start)] = wh
    held = storage.opening_wh
    for window in windows:
        held += int(window.charge.wh.sum()) - int(window.rows["wh"].sum(dtype=np.int64))
        if held < 0:
            yield _("I5: more came out of {name} than went in", name=name)
        given, taken = window.efficiency
        out: Counter[tuple[str, int]] = Counter()
        t = window.traced
        for start, charged, plant, right, in_wh, out_wh in zip(
            t.start.tolist(), t.charged.tolist(), t.device.tolist(), t.claimable.tolist(), t.in_wh.tolist(),
            t.out_wh.tolist(), strict=True,
        ):  # fmt: skip
            came_out[_second(charged), plant, right] += in_wh
            if out_wh * taken > in_wh * given or charged > start:
                yield _("I5: more came out of {name} than its efficiency leaves", name=name)
            if plant != UNKNOWN:
                out[storage.device if right else storage.place, _second(start)] += out_wh
        for row in window.rows:
            stamp = _second(row["start"].item())
            both = [issued.get((device, stamp)) for device in (storage.device, storage.place)]
            if both != [out[device, stamp] for device in (storage.device, storage.place)]:
                yield _("I5: what {name} was issued is not what its trace says", name=name)
            if sum(out[device, stamp] for device in (storage.device, storage.place)) > int(row["wh"]):
                yield _("I5: {name} was issued more than its meter read", name=name)
    if any(came_out[key] > went_in[key] for key in came_out if key[1] != UNKNOWN):
        yield _("I5: more of an origin left {name} than was cancelled for it", name=name)


def _charged(state: State) -> dict[str, Counter[tuple[int, int, bool]]]:
    """Count for each storage, by interval, plant and right, what stands cancelled for its charging.

    Where the charging is under review the window's own record stands in until it is traced again. One pass over the
    lines counts for all storages and windows together.
    """
    found: dict[str, Counter[tuple[int, int, bool]]] = {name: Counter() for name in state.storages}
    of: dict[int, str] = {}
    for name, windows in state.windows.items():
        for window in windows:
            claim = state.claims[window.claim]
            if claim.standing is Standing.GOOD:
                of |= dict.fromkeys(claim.cancellations, name)
                continue
            c = window.charge
            for start, plant, right, wh in zip(
                c.start.tolist(), c.device.tolist(), c.claimable.tolist(), c.wh.tolist(), strict=True
            ):
                found[name][_second(start), plant, right] += wh
    pieces = backing(state.lines, of)
    for entry, plant, start, wh in zip(
        pieces.entry.tolist(), pieces.device.tolist(), pieces.start.tolist(), pieces.wh.tolist(), strict=True
    ):
        right = state.cancellations[entry].entitlement is not Entitlement.LOCATION
        found[of[entry]][_second(start), plant, right] += wh
    return found


def _batches(state: State) -> Iterator[Message]:
    total: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for entry, batch in state.batches.items():
        claim, plant = state.claims[batch.claim], state.converters[batch.converter]
        if claim.standing is Standing.REPLACED:
            continue  # made again of the claim in its place, or of no claim that stands
        load = state.load(claim.account)
        wh = int(load.wh[covering(load, claim.account, claim.start, claim.end)].sum(dtype=np.int64))
        if claim.standing is Standing.GOOD and wh != batch.wh:
            yield _("I6: batch {name} was made of other energy than its claim", name=batch.name)
        heat = int(batch.rows["heat_wh"].sum(dtype=np.int64))
        sums = total[batch.converter]
        for i, more in enumerate((batch.mg, batch.wh, heat)):
            sums[i] += more
        for mg, electricity, steam in ((batch.mg, batch.wh, heat), sums):
            above = mg - plant.buffer_mg
            too_heavy = (electricity + steam) * 10**6 < above * FLOOR_WH_PER_KG
            if too_heavy or electricity * 10**6 < above * STEAM_FLOOR_WH_PER_KG:
                yield _("I6: batch {name} is heavier than its energy allows", name=batch.name)
        if sum(b.claim == batch.claim for b in state.batches.values()) > 1:
            yield _("I6: the energy of entry {entry} went into two batches", entry=entry)


def _lots(state: State) -> Iterator[Message]:
    for entry, found in state.lots.items():
        claim = state.claims[found.claim]
        if claim.standing is not Standing.GOOD:
            continue
        load = state.load(claim.account)
        where = covering(load, claim.account, claim.start, claim.end)
        hours = hours_of(load, where, [state.cancellations[c] for c in claim.cancellations])
        tables = lot_hours(Draft(state), found)
        for name in ("load_wh", *(f"{part}_wh" for part in CLAIM_PARTS)):
            sums: Counter[Any] = Counter()
            for rows in tables.values():
                for start, wh in zip(rows["start"].tolist(), rows[name].tolist(), strict=True):
                    sums[start] += wh
            if any(
                sums[s] != wh for s, wh in zip(hours["start"].tolist(), hours[name].tolist(), strict=True)
            ):
                yield _("I7: the lots of entry {entry} do not sum to their claim", entry=entry)


def _second(moment: Any) -> int:
    return int(np.datetime64(moment, "s").astype(np.int64))
