"""What S3 answers when it does not do what it was asked, in words a person can act on.

Of an answer only its status and its error code are read and repeated: the rest may quote the request,
and with it what is secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tamna.lang import Message, _
from tamna.series.trouble import Trouble

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")

_KEYS = (
    _("the bucket refused the credentials"),
    _("Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN."),
)
_RIGHTS = (
    _("the bucket denied access"),
    _("The key needs the rights s3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject."),
)
_REGION = (_("the bucket lies in another region"), _("Set AWS_REGION to the region of the bucket."))
_CLOCK = (_("the clock of this machine is wrong"), _("Set the clock and try again."))
_ABSENT = (_("the bucket does not exist"), _("Check the name; tamna makes no bucket."))
_UNREACHED = (
    _("the S3 server could not be reached"),
    _("Check the network and the address of the server (TAMNA_S3_ENDPOINT or AWS_ENDPOINT_URL)."),
)
_BUSY = (_("the S3 server is out of order or overloaded"), _("Try again later."))
_OTHER = (_("the S3 server refused"), _("Look up the error code in the documents of your S3 server."))

_BY_CODE: dict[str, tuple[Message, Message]] = {
    "NoSuchBucket": _ABSENT,
    "InvalidAccessKeyId": _KEYS,
    "SignatureDoesNotMatch": _KEYS,
    "ExpiredToken": _KEYS,
    "InvalidToken": _KEYS,
    "TokenRefreshRequired": _KEYS,
    "RequestTimeTooSkewed": _CLOCK,
    "AuthorizationHeaderMalformed": _REGION,
    "PermanentRedirect": _REGION,
    "IllegalLocationConstraintException": _REGION,
}
_BY_STATUS = {"301": _REGION, "307": _REGION, "401": _KEYS, "403": _RIGHTS}
_OPEN = {"404", "408", "409", "412", "429"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal. `answered`: the server spoke, so nothing was done; `final`: asking again is no use."""

    trouble: Trouble
    status: str
    code: str

    @property
    def answered(self) -> bool:
        """Whether the server refused by itself; after no answer or a 5xx anything may have happened."""
        return self.status.startswith(("3", "4"))

    @property
    def final(self) -> bool:
        """Whether asking again is no use."""
        return self.code == "NoSuchBucket" or (self.answered and self.status not in _OPEN)


def refusal(text: str) -> Refusal:
    """Read what obstore said of an answer."""
    status, code = (found[1] if (found := p.search(text)) else "" for p in (_STATUS, _CODE))
    if not status and ("redirect" in text or "region" in text):
        what, todo = _REGION
    elif not status:
        what, todo = _UNREACHED
    else:
        busy = _BUSY if status.startswith("5") or status == "429" else _OTHER
        what, todo = _BY_CODE.get(code, _BY_STATUS.get(status, busy))
    return Refusal(Trouble(what, todo, " ".join(w for w in (status, code) if w)), status, code)
