"""What is said of an error that a library raised."""

import pytest
import requests

from pipeline.kubeflow.remote.refusal import unreachable

POOL = "HTTPSConnectionPool(host='7', port=443): Max retries exceeded with url: /x (Caused by "


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "SSLError(1, '[SSL: SSLV3_ALERT_ILLEGAL_PARAMETER] sslv3 alert (_ssl.c:1007)'))",
            "the TLS handshake fails (SSLV3_ALERT_ILLEGAL_PARAMETER)",
        ),
        ("SSLError(SSLEOFError(8, 'EOF occurred in violation of protocol')))", "handshake fails;"),
        ("SSLError(1, 'certificate has expired')", "its certificate has expired"),
    ],
)
def test_a_handshake_that_fails_is_told_in_words(said: str, expected: str):
    found = str(unreachable("https://7", requests.exceptions.SSLError(f"{POOL}{said}")))
    assert expected in found
    assert "Pool" not in found
    assert "Error" not in found
