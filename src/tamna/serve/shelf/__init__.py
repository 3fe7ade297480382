"""What a shopper sees: one page that says which hours of a lot were renewable, and checks itself; and a label.

::

    figures   shares and carbon as texts, from whole numbers
    says      what a page says of a certificate, as texts and as pictures in whole numbers
    words     the words of the page's own check, in the reader's language
    label     the QR code, and the label for the pack
    page      the page itself
    verify.js the same check as `tamna.ledger.verify`, in the reader's browser
"""

from tamna.serve.shelf.label import label, label_text
from tamna.serve.shelf.page import page

__all__ = ["label", "label_text", "page"]
