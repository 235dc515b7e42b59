"""Values, sets and questions that the tests of addresses, traffic and flows share."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from iaclint.aws.reasoning.cidr import CidrSet
from iaclint.aws.reasoning.flows import Flows
from iaclint.aws.reasoning.ports import Traffic
from iaclint.model.truth import Reason, Truth
from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.source.files import SourceFile

# what an example costs depends on who else uses the machine
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

SPAN = SourceFile("t.tf", "x").whole
WHY = Reason("var.x has no value")
MAYBE = Truth(None, (WHY,))


def value(data: Any) -> Value[Any]:
    if isinstance(data, list):
        return Value(tuple(value(item) for item in data), SPAN)
    return Value(data, SPAN)


def unknown(*one_of: Any, prefix: str = "") -> Value[Any]:
    return Value(Unknown(UnknownCause.INPUT, "var.x has no value", ("var.x",), one_of, prefix), SPAN)


# blocks of a /28, so that sets overlap and brute force is possible
near = st.builds(lambda host, length: f"10.0.0.{host}/{length}", st.integers(0, 15), st.integers(28, 32))
small_sets = st.lists(near, max_size=5).map(lambda texts: CidrSet.parse(*texts))


POINTS = [(host, name, port) for host in range(0, 16, 3) for name in ("tcp", "udp") for port in (21, 22, 23)]
small_traffic = st.builds(
    lambda protocol, a, b: Traffic.of(protocol, min(a, b), max(a, b)),
    st.sampled_from(["tcp", "udp", "-1"]),
    st.integers(20, 24),
    st.integers(20, 24),
)


def tcp(port: int) -> Traffic:
    return Traffic.of("tcp", port, port)


def has(flows: Flows, host: int, name: str, port: int) -> bool:
    return f"10.0.0.{host}" in flows.addresses(Traffic.of(name, port, port))
