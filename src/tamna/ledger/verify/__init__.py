"""Check a certificate without the ledger, without a database and without the network.

Each check answers *valid*, *invalid* or *not checkable*, with its reason. A lone file cannot show that it was used
before, rolled back or revoked since: for that the reader brings what it knows (an earlier checkpoint, a list of claims
seen, a dated status list), and nothing is believed about the issuer beyond the reader's own list of keys.

===========  =====================================================================================================
check        valid when
===========  =====================================================================================================
form         canonical bytes of a certificate with exactly the parts that it has
signature    the document is what the key in its proof's name signed
issuer       that key is on the reader's list, of this issuer, and was not withdrawn
time         the reader's clock stands inside the certificate's validity
inclusion    the entry stands in a checkpoint that the same issuer signed, and the hours are those of the entry
             (a shelf certificate shows only the entry's hash: there the hours wait for the opening)
score        counting the hours again gives the score; what is said to come out of a storage is no more than the hour's own
             and has an origin not after it
hydrogen     only of a batch of hydrogen: the EU's route of every hour and the carbon of a kilogram, counted again
opening      only of a shelf certificate: the auditor's certificate is of the same entry, is itself in order, and its
             watt-hours, made into shares of the largest hour, are the hours of the shelf
status       a signed list that is in force does not take the certificate back as of its date; an older list, or one
             without an end, answers *not checkable*, and then the whole answer is not ``valid``
history      an earlier checkpoint is the beginning of this one
reuse        the claim is on no list of claims seen before
===========  =====================================================================================================

What can be counted from which file: from a **shelf certificate** alone each hour's shares and the score in them, not
one watt-hour; from an **auditor's certificate** alone the watt-hours, the score, and that these are what the journal
holds; from **both** that the shelf says what the meters said.
"""

from tamna.ledger.verify.answer import Answer, Check, Known, Report
from tamna.ledger.verify.check import claim_of, verify

__all__ = ["Answer", "Check", "Known", "Report", "claim_of", "verify"]
