from __future__ import annotations

import pytest

from tamna.series.s3_refusal import refusal


def answer(status, code=""):
    return f"Error performing PUT - Server returned non-2xx status code: {status} X: <Error><Code>{code}</Code></Error>"


@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        (403, "SignatureDoesNotMatch", "refused the credentials, 403 SignatureDoesNotMatch"),
        (400, "ExpiredToken", "refused the credentials"),
        (401, "", "refused the credentials"),
        (403, "AccessDenied", "denied access"),
        (403, "RequestTimeTooSkewed", "clock"),
        (404, "NoSuchBucket", "does not exist"),
        (301, "PermanentRedirect", "another region"),
        (400, "AuthorizationHeaderMalformed", "another region"),
        (503, "SlowDown", "overloaded, 503 SlowDown"),
        (501, "NotImplemented", "out of order"),
        (400, "InvalidRequest", "the S3 server refused, 400 InvalidRequest"),
    ],
)
def test_each_answer_says_what_it_means(status, code, says):
    assert says in refusal(answer(status, code)).trouble.strerror


def test_no_answer_means_that_the_server_was_not_reached():
    no = refusal(
        "Generic S3 error: Error performing GET https://s3 in 1ms - HTTP error: error sending request"
    )
    assert "could not be reached" in no.trouble.strerror
    assert not no.answered
    assert not no.final


@pytest.mark.parametrize("status", [404, 408, 409, 412, 429, 500, 503])
def test_what_may_pass_is_worth_a_look(status):
    assert not refusal(answer(status)).final


@pytest.mark.parametrize(
    ("status", "code"), [(404, "NoSuchBucket"), (403, "AccessDenied"), (400, "InvalidRequest")]
)
def test_what_will_not_pass_is_final(status, code):
    assert refusal(answer(status, code)).final


def test_after_a_failure_of_the_server_anything_may_have_happened():
    assert not refusal(answer(500, "InternalError")).answered
    assert refusal(answer(412, "PreconditionFailed")).answered


def test_only_the_error_code_is_repeated():
    no = refusal(answer(400, "Odd") + "<Message>secret</Message>")
    assert no.trouble.strerror == "the S3 server refused, 400 Odd"
    assert "400" in refusal(answer(400, "se/cret")).trouble.strerror
    assert "cret" not in refusal(answer(400, "se/cret")).trouble.strerror
