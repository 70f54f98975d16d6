"""Output is batched, capped and honest about what is missing."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from runs_app.ci.output import StepOutput
from runs_app.ci.redaction import Redactor, redact


@dataclass
class Chunks:
    written: list[bytes] = field(default_factory=list)

    def write(self, chunk: bytes) -> None:
        self.written.append(chunk)

    @property
    def whole(self) -> bytes:
        return b"".join(self.written)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def make_output(*, head: int = 10_000, tail: int = 10_000) -> tuple[StepOutput, Chunks, Clock]:
    sink, clock = Chunks(), Clock()
    return StepOutput(sink, Redactor(), head_bytes=head, tail_bytes=tail, clock=clock), sink, clock


def test_the_middle_of_too_much_is_cut_and_counted() -> None:
    output, sink, _ = make_output(head=40, tail=40)
    lines = b"".join(b"line %03d\n" % i for i in range(100))
    output.feed(lines)
    output.finish()
    assert output.is_truncated
    assert output.total_bytes == 900
    head, _, rest = sink.whole.partition(b"\n[output limit reached: the end follows when the step is over]\n")
    cut, _, tail = rest.partition(b"]\n")
    assert head == lines[:40]
    assert tail == b"line 096\nline 097\nline 098\nline 099\n"
    assert cut == b"[... %d bytes cut here ..." % (900 - len(head) - len(tail))


def test_a_secret_is_not_cut_in_two_by_the_cap() -> None:
    sink = Chunks()
    output = StepOutput(sink, Redactor(["hunter22"]), head_bytes=12, tail_bytes=100)
    output.feed(b"it is hunter22\n")
    output.finish()
    assert b"hunt" not in sink.whole


def test_what_fits_into_head_and_tail_is_whole() -> None:
    output, sink, _ = make_output(head=10, tail=10)
    output.feed(b"0123456789abcdefghij")
    output.finish()
    assert not output.is_truncated
    assert sink.whole.replace(b"\n[output limit reached: the end follows when the step is over]\n", b"") == (
        b"0123456789abcdefghij"
    )


def test_small_writes_are_batched_for_half_a_second() -> None:
    output, sink, clock = make_output()
    output.feed(b"one ")
    output.tick()
    clock.now = 0.3
    output.feed(b"two ")
    output.tick()
    assert sink.written == []
    clock.now = 0.5
    output.tick()
    assert sink.written == [b"one two "]


def test_much_is_sent_at_once() -> None:
    output, sink, _ = make_output(head=1_000_000)
    output.feed(b"x\n" * 20_000)
    assert sink.whole == b"x\n" * 20_000


def test_a_doubtful_end_is_sent_when_nothing_follows() -> None:
    output, sink, clock = make_output()
    output.feed(b"a prompt: s")  # may become sk-…
    clock.now = 0.6
    output.tick()
    assert sink.whole == b"a prompt: s"


@settings(deadline=None)
@given(st.lists(st.binary(max_size=50), max_size=20))
def test_under_the_cap_nothing_is_lost(chunks: list[bytes]) -> None:
    output, sink, clock = make_output()
    for chunk in chunks:
        output.feed(chunk)
        clock.now += 0.2
        output.tick()
    output.finish()
    whole = b"".join(chunks)
    assert output.total_bytes == len(whole)
    assert sink.whole.decode("utf-8", "surrogateescape") == redact(whole.decode("utf-8", "surrogateescape"))
