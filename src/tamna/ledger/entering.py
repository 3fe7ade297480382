"""Who and what the book knows: its rules, accounts, devices, papers that give a right to claim, and its keys."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tamna.lang import _
from tamna.ledger import line, load
from tamna.ledger.facts import moment, text, whole
from tamna.ledger.multibase import from_multikey
from tamna.ledger.nouns import Account, Attributes, Confirmation, Device, Entitlement, KeyUse, Right, Rules
from tamna.ledger.refusal import refuse

if TYPE_CHECKING:
    from tamna.ledger.event import Event
    from tamna.ledger.state import Draft

_MOST_W: Final = 10**12
_MOST_WH: Final = 2**53 - 1  # what JSON carries as a whole number
SCHEMES: Final = ("rec", "green_premium", "ppa")

__all__ = [
    "SCHEMES",
    "enter_account",
    "enter_confirmation",
    "enter_device",
    "enter_key",
    "enter_right",
    "open_book",
]


def open_book(draft: Draft, event: Event) -> None:
    """Write the rules: the first entry of every book and of nothing else."""
    about = event.about
    rules = Rules(margin_percent=whole(about, "margin_percent"), lifetime_s=whole(about, "lifetime_s"))
    if not 100 <= rules.margin_percent <= 1000 or rules.lifetime_s < 0:
        refuse(_("a margin lies between 100 and 1000 %, a lifetime is not negative"), seen=dict(about))
    draft.rules = rules


def enter_account(draft: Draft, event: Event) -> None:
    """Add an account."""
    account = Account(name=text(event.about, "name"), zone=text(event.about, "zone"))
    if account.name in draft.accounts:
        refuse(_("an account of this name stands in the book"), seen=account.name)
    draft.enter_account(account, load.empty())


def enter_device(draft: Draft, event: Event) -> None:
    """Add a device of an account that the book knows."""
    about = event.about
    attributes = text(about, "attributes")
    device = Device(
        name=text(about, "name"),
        owner=text(about, "owner"),
        technology=text(about, "technology"),
        source=text(about, "source"),
        capacity_w=whole(about, "capacity_w"),
        zone=text(about, "zone"),
        since=moment(about, "since"),
        attributes=Attributes.HERE if attributes == Attributes.HERE else Attributes.ELSEWHERE,
        carrier=text(about, "carrier"),
        meter=text(about, "meter") if "meter" in about else "",
    )
    if attributes not in set(Attributes):
        refuse(_("attributes are here or elsewhere"), of=device.name, seen=attributes)
    if device.name in draft.devices:
        refuse(_("a device of this name stands in the book"), seen=device.name)
    if not 0 < device.capacity_w <= _MOST_W:
        refuse(_("a device has a capacity above 0 W and below 1 TW"), of=device.name, seen=device.capacity_w)
    for other in draft.devices.values() if device.meter else ():
        if other.meter == device.meter:
            refuse(
                _("this meter is read for another device: its energy would be issued twice"),
                of=device.name,
                seen=f"{device.meter}: {other.name}",
                todo=_("Name the plant and its owner as the book does, or give its own meter."),
            )
    draft.account(device.owner)
    draft.enter_device(device, line.empty())


def enter_right(draft: Draft, event: Event) -> None:
    """Add a paper, once: its number is then locked against any second use."""
    about = event.about
    kind, limit = text(about, "kind"), about.get("limit_wh")
    names = about.get("devices")
    right = Right(
        paper=text(about, "paper"),
        kind=Entitlement.PPA if kind == Entitlement.PPA else Entitlement.REC,
        account=text(about, "account"),
        devices=tuple(names) if isinstance(names, list | tuple) else (),
        start=moment(about, "start"),
        end=moment(about, "end"),
        limit_wh=None if limit is None else whole(about, "limit_wh"),
        priority=whole(about, "priority"),
    )
    if right.paper in draft.rights or right.paper in draft.confirmations:
        refuse(_("this paper stands in the book already and cannot serve twice"), seen=right.paper)
    if kind not in {Entitlement.PPA, Entitlement.REC}:
        refuse(_("a paper is a PPA or a REC"), of=right.paper, seen=kind)
    if not right.start < right.end or not right.devices or not 0 <= (right.limit_wh or 0) <= _MOST_WH:
        refuse(_("a paper covers devices, a period and no negative volume"), of=right.paper)
    account = draft.accounts[list(draft.accounts)[draft.account(right.account)]]
    for name in right.devices:
        device = draft.device_list[draft.device(name)]
        if device.attributes is Attributes.ELSEWHERE:
            refuse(_("the device's attribute went elsewhere: no paper can give it again"), of=name)
        if device.zone != account.zone and all(
            {device.zone, account.zone} != set(link.ends) for link in draft.links.values()
        ):
            refuse(_("device and account lie in different zones"), of=name, seen=right.account)
    draft.rights[right.paper] = right
    draft.used_wh[right.paper] = 0


def enter_confirmation(draft: Draft, event: Event) -> None:
    """Add a paper for a volume without hours, once: it is locked against any other use of its number."""
    about = event.about
    one = Confirmation(
        paper=text(about, "paper"), scheme=text(about, "scheme"), account=text(about, "account"),
        start=moment(about, "start"), end=moment(about, "end"), volume_wh=whole(about, "volume_wh"),
    )  # fmt: skip
    if one.paper in draft.rights or one.paper in draft.confirmations:
        refuse(_("this paper stands in the book already and cannot serve twice"), seen=one.paper)
    if one.scheme not in SCHEMES:
        refuse(_("a confirmation is a REC, a green premium or a PPA"), of=one.paper, seen=one.scheme)
    if not one.start < one.end or not 0 < one.volume_wh <= _MOST_WH:
        refuse(_("a confirmation covers a period and a volume"), of=one.paper)
    draft.account(one.account)
    draft.confirmations[one.paper] = one


def enter_key(draft: Draft, event: Event) -> None:
    """Write that a key begins to sign for the book, ends its use, or is revoked; a key that ended stays ended."""
    name, act = text(event.about, "name"), text(event.about, "act")
    known = draft.keys.get(name)
    if act == "begin":
        if known is not None:
            refuse(_("this key stands in the book already"), seen=name)
        issuer, _hash, public = name.partition("#")
        from_multikey(public)
        if not issuer or any(k.issuer != issuer for k in draft.keys.values()):
            refuse(_("the keys of a book are of one issuer"), seen=issuer)
        draft.keys[name] = KeyUse(name=name, begin=event.at)
        return
    if act not in {"end", "revoke"}:
        refuse(_("a key begins, ends or is revoked"), seen=act)
    if known is None:
        refuse(_("no such key in the book"), seen=name)
    if known.revoked is not None or (act == "end" and known.until is not None):
        refuse(_("the key's use has ended already"), seen=name)
    draft.keys[name] = replace(known, until=event.at) if act == "end" else replace(known, revoked=event.at)
