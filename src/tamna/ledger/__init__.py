"""What may be claimed, from meters alone. Nothing here knows a forecast, a schedule or a solver.

::

    nouns, event             devices, accounts, rights, bundles; an entry of the journal
    line, load               a device's watt-hours on one line; what an account used
    state, book              where the book stands; the one way into it (READ THIS FIRST)
      entering, issuing, moving, claiming      what each entry must fulfil
    operations               the entries, in words
    overlay, matching        who gets which watt-hour of an hour; certificates to consumption
    score                    what a claim's hours are worth
    invariants, audit        counted again from nothing; a journal against a signed checkpoint
    canonical, multibase     one value, one text
    merkle, journal          a root for many rows, short proofs; entries under signed checkpoints
    keys, proof, statuslist  who signed, inside the document; what was taken back
    certificate, verify      a claim as a file; its check, without all of the above but bytes and hashes
"""
