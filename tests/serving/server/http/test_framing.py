"""What goes over the wire for an answer."""

from __future__ import annotations

from serving.server import heap
from serving.server.http.framing import framed
from serving.server.rest import Answer


def test_a_small_answer_is_one_part():
    assert framed(Answer(200, b"{}"), last=False) == [
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    ]


def test_the_last_one_says_so_and_a_status_of_no_standard_has_no_reason():
    answer = Answer(599, b"", "text/plain", "Vary: Origin\r\n")
    assert framed(answer, last=True) == [
        b"HTTP/1.1 599 \r\nContent-Type: text/plain\r\nContent-Length: 0\r\nVary: Origin\r\n"
        b"Connection: close\r\n\r\n"
    ]


def test_what_is_large_is_not_copied_and_its_parts_are_used_up():
    body = bytes(heap.LARGE_BYTES)
    answer = Answer(200, body, rest=[b"a", b"bc"])
    head, first, *rest = framed(answer, last=False)
    assert b"Content-Length: %d\r\n" % (len(body) + 3) in head
    assert first is body
    assert rest == [b"a", b"bc"]
    assert answer.rest == []
    assert len(framed(Answer(200, body[1:]), last=False)) == 1


def test_a_head_alone_tells_the_length_of_what_is_left_out():
    answer = Answer(200, b"{}", rest=[b"abc"])
    [head] = framed(answer, last=False, head_alone=True)
    assert head.endswith(b"\r\nContent-Length: 5\r\n\r\n")
    assert answer.rest == []
