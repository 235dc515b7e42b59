"""Inputs for the targets: seeds from the fixtures, and changes to them by a generator with a seed."""

from __future__ import annotations

import random
from functools import cache

from tests.command_line import FIXTURES, ROOT

WORDS = [
    *(b"${", b"%{", b"}", b"{", b"[", b"]", b"(", b")", b'"', b"'", b"<<EOT\n", b"\nEOT\n", b"#", b"/*", b"*/", b"\\"),
    *(
        b"\0",
        b"\r",
        b"\n",
        b"\t",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\xe2\x80\xa8",
        "😀".encode(),
        b"\\ud800",
    ),
    *(
        b"null",
        b"true",
        b"-1",
        b"1e400",
        b"9" * 400,
        b"*",
        b"&a ",
        b"*a",
        b"<<: ",
        b"!Sub ",
        b"!GetAtt ",
        b"!If ",
        b": ",
    ),
    *(
        b"each.key",
        b"var.v",
        b"local.m",
        b"count.index",
        b"for x in ",
        b" : x",
        b"...",
        b"?",
        b"==",
        b"[*]",
        b".*.",
        b"=>",
    ),
    *(
        b'{"Fn::Join":',
        b'{"Ref":',
        b"AWS::NoValue",
        b"${AWS::Region}",
        b"0.0.0.0/0",
        b"::/0",
        b"Fn::ForEach::A:",
        b"- ",
    ),
    *(b"until=", b"2027-13-45", b"[kms-key-not-rotated]", b";", b"ignore[", b"a b ", b"=", b"dynamic ", b"lifecycle {"),
]
SUFFIXES = {
    "hcl": (".tf",),
    "template": (".yaml", ".json", ".template"),
    "plan": (".json",),
    "edits": (".tf",),
}
SMALL = {
    "intrinsics": [b"!If [C, !Ref P, !FindInMap [M, a, b]]", b"!Sub ['${A}', {A: !Select [0, !Split [',', 'a,b']]}]"],
    "expression": [b'[for k, v in local.m : "${k}-${v[0]}" if var.v]', b"try(local.m.a[0], null) ? !var.v : true"],
    "policy": [
        b'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["s3:*"],'
        b'"Resource":"arn:aws:s3:::b/*","Condition":{"StringLike":{"aws:PrincipalArn":["arn:aws:iam::1:role/*"]}}}]}'
    ],
    "settings": [
        b'fail-on = "low"\nexclude = ["a/"]\n[severity]\nkms-key-not-rotated = "low"\n[[exceptions]]\n'
        b'rule = "kms-key-not-rotated"\nreason = "r"\nuntil = 2027-01-01\n',
        b'{"version": 1, "findings": [{"fingerprint": "f", "rule": "r", "file": "a", "count": 2}]}',
    ],
    "ignores": [b"[kms-key-not-rotated] until=2027-06-30 why; ignore[a, b] because"],
}


@cache
def seeds(target: str) -> tuple[bytes, ...]:
    """Where changes start from."""
    if target in SMALL:
        return tuple(SMALL[target])
    places = [ROOT / "tests" / "oracle" / "plans"] if target == "plan" else [FIXTURES]
    found = [
        p for place in places for p in sorted(place.rglob("*")) if p.name.endswith(SUFFIXES[target]) and p.is_file()
    ]
    return tuple(data for path in found if len(data := path.read_bytes()) < 4000) or (b"{}",)


def changed(target: str, chance: random.Random) -> bytes:
    """An input: a seed with some changes."""
    data = bytearray(chance.choice(seeds(target)))
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        at, to = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
        to = min(to, at + chance.choice((1, 4, 40, 400)))
        kind = chance.randrange(5)
        if kind == 0:
            del data[at:to]
        elif kind == 1:
            data[at:at] = chance.choice(WORDS)
        elif kind == 2:
            data[at:to] = chance.choice(WORDS)
        elif kind == 3:
            data[at:at] = data[at:to] * chance.choice((1, 2, 20))
        else:
            other = chance.choice(seeds(target))
            start = chance.randrange(len(other) + 1)
            data[at:to] = other[start : start + chance.choice((4, 40, 400))]
    return bytes(data[:20_000])
