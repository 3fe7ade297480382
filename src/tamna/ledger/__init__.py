"""What may be claimed, from meters alone. Nothing here knows a forecast, a schedule or a solver.

::

    canonical, multibase     one value, one text
    merkle                   a root for many rows, short proofs
    keys, proof, statuslist  who signed, inside the document; what was taken back
"""
