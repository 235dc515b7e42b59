"""Random expressions of the Terraform language, for hypothesis."""

from __future__ import annotations

import json

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Texts = SearchStrategy[str]

_LETTERS = "abcxyzABZ019 -_.:/äéß€"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


words = st.text(_LETTERS, max_size=6).map(_quoted)
names = st.sampled_from(["a", "b", "c", "key", "x1"])
integers = st.integers(-20, 40).map(str)
decimals = st.tuples(st.integers(-9, 9), st.sampled_from(["0", "5", "25", "1", "75", "3"])).map(
    lambda p: f"{p[0]}.{p[1]}"
)


def _call(name: str, *parts: Texts) -> Texts:
    return st.tuples(*parts).map(lambda found: f"{name}({', '.join(found)})")


def _numbers(depth: int) -> Texts:
    base = st.one_of(integers, decimals)
    if depth <= 0:
        return base
    inner = _numbers(depth - 1)
    operator = st.sampled_from(["+", "-", "*", "/", "%"])
    return st.one_of(
        base,
        st.tuples(inner, operator, inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(inner, operator, inner, operator, inner).map(lambda p: f"({' '.join(p)})"),
        inner.map(lambda t: f"-{t}" if not t.startswith("-") else f"(-({t}))"),
        _call("abs", inner),
        _call("floor", inner),
        _call("ceil", inner),
        _call("max", inner, inner),
        _call("min", inner, inner, inner),
        _call("signum", inner),
        _call("length", _lists(depth - 1)),
        _call("length", _strings(depth - 1)),
        _call("length", _objects(depth - 1)),
        _call("element", _number_lists(depth - 1), integers),
        _call("sum", _number_lists(depth - 1)),
        st.tuples(_number_lists(depth - 1), st.integers(0, 3)).map(lambda p: f"{p[0]}[{p[1]}]"),
        _conditional(depth, inner),
    )


def _conditional(depth: int, inner: Texts) -> Texts:
    return st.tuples(_booleans(depth - 1), inner, inner).map(lambda p: f"({p[0]} ? {p[1]} : {p[2]})")


def _strings(depth: int) -> Texts:
    if depth <= 0:
        return words
    inner = _strings(depth - 1)
    piece = st.one_of(inner, _numbers(depth - 1), _booleans(depth - 1))
    return st.one_of(
        words,
        st.tuples(st.text("ab -", max_size=3), piece, st.text("cd ", max_size=3), piece).map(
            lambda p: f'"{p[0]}${{{p[1]}}}{p[2]}${{{p[3]}}}"'
        ),
        st.tuples(_booleans(depth - 1), st.text("ab ", max_size=3)).map(
            lambda p: f'"x %{{ if {p[0]} ~}} {p[1]} %{{~ else }}no%{{ endif }} y"'
        ),
        _lists(depth - 1).map(lambda t: f'"%{{ for i, v in {t} }}${{i}}=${{jsonencode(v)}};%{{ endfor }}"'),
        _call("upper", inner),
        _call("lower", inner),
        _call("title", inner),
        _call("trimspace", inner),
        _call("strrev", inner),
        _call("replace", inner, words, words),
        _call("trim", inner, words),
        _call("trimprefix", inner, words),
        _call("substr", inner, st.integers(-4, 4).map(str), st.integers(-1, 5).map(str)),
        _call("join", words, _string_lists(depth - 1)),
        _call("jsonencode", _values(depth - 1)),
        _call("tostring", piece),
        _call("format", st.sampled_from(['"%s|%v"', '"%q %5s"', '"%-6s.%#v"']), inner, piece),
        _call(
            "format",
            st.sampled_from(['"%d"', '"%05d"', '"%x"', '"%+d"', '"%.2f"', '"%g"', '"%e"', '"%v"']),
            _numbers(depth - 1),
        ),
        _call("coalesce", inner, inner, words),
        _call("base64encode", inner),
        _call("md5", inner),
        _call("urlencode", inner),
        _call("indent", st.integers(0, 3).map(str), inner),
        _call("yamlencode", _values(depth - 1)),
        _conditional(depth, inner),
    )


def _booleans(depth: int) -> Texts:
    base = st.sampled_from(["true", "false"])
    if depth <= 0:
        return base
    inner = _booleans(depth - 1)
    number = _numbers(depth - 1)
    return st.one_of(
        base,
        st.tuples(inner, st.sampled_from(["&&", "||", "==", "!="]), inner).map(lambda p: f"({' '.join(p)})"),
        st.tuples(number, st.sampled_from(["<", ">", "<=", ">=", "==", "!="]), number).map(
            lambda p: f"({' '.join(p)})"
        ),
        st.tuples(number, number, number).map(lambda p: f"({p[0]} + {p[1]} > {p[2]} && {p[2]} != {p[1]} * 2)"),
        st.tuples(_values(depth - 1), _values(depth - 1)).map(lambda p: f"({p[0]} == {p[1]})"),
        inner.map(lambda t: f"!{t}"),
        _call("contains", _lists(depth - 1), _scalars(depth - 1)),
        _call("can", _values(depth - 1)),
        _call("startswith", _strings(depth - 1), words),
        _call("alltrue", st.lists(inner, max_size=3).map(lambda found: f"[{', '.join(found)}]")),
    )


def _scalars(depth: int) -> Texts:
    return st.one_of(_numbers(depth), _strings(depth), _booleans(depth), st.just("null"))


def _list_of(inner: Texts) -> Texts:
    return st.lists(inner, max_size=4).map(lambda found: f"[{', '.join(found)}]")


def _number_lists(depth: int) -> Texts:
    return st.one_of(_list_of(_numbers(depth - 1)), _call("range", st.integers(0, 5).map(str)))


def _string_lists(depth: int) -> Texts:
    base = _list_of(_strings(depth - 1))
    if depth <= 0:
        return base
    return st.one_of(
        base,
        _call("split", words, _strings(depth - 1)),
        _call("sort", base),
        _call("keys", _objects(depth - 1)),
        _call("compact", base),
        _call("formatlist", st.just('"<%s>"'), base),
    )


def _lists(depth: int) -> Texts:
    base = _list_of(_scalars(depth - 1))
    if depth <= 0:
        return base
    inner = _lists(depth - 1)
    return st.one_of(
        base,
        _number_lists(depth),
        _string_lists(depth),
        _call("concat", inner, inner),
        _call("reverse", inner),
        _call("flatten", _list_of(st.one_of(inner, _scalars(depth - 1)))),
        _call("distinct", st.one_of(_number_lists(depth), _string_lists(depth))),
        _call("tolist", st.one_of(inner, _call("toset", inner))),
        _call("setunion", _string_lists(depth), _string_lists(depth)),
        _call("setproduct", _string_lists(depth - 1), _number_lists(depth - 1)),
        _call("chunklist", inner, st.integers(0, 3).map(str)),
        _call("slice", inner, st.integers(0, 2).map(str), st.integers(0, 3).map(str)),
        _call("values", _objects(depth - 1)),
        inner.map(lambda t: f"[for v in {t} : v]"),
        inner.map(lambda t: f"[for i, v in {t} : [i, v] if i != 1]"),
        _objects(depth - 1).map(lambda t: f"[for k, v in {t} : k]"),
        _list_of(_objects(depth - 1)).map(lambda t: f"{t}[*].a"),
        inner.map(lambda t: f"{t}[*]"),
        _scalars(depth - 1).map(lambda t: f"({t})[*]"),
        _conditional(depth, inner),
    )


def _objects(depth: int) -> Texts:
    base = st.dictionaries(names, _scalars(depth - 1), max_size=3).map(
        lambda found: "{" + ", ".join(f"{name} = {value}" for name, value in found.items()) + "}"
    )
    if depth <= 0:
        return base
    inner = _objects(depth - 1)
    return st.one_of(
        base,
        _call("merge", inner, inner),
        _call(
            "zipmap",
            st.just('["a", "b"]'),
            st.tuples(_scalars(depth - 1), _scalars(depth - 1)).map(lambda p: f"[{p[0]}, {p[1]}]"),
        ),
        _call("tomap", inner),
        inner.map(lambda t: f"{{ for k, v in {t} : upper(k) => v }}"),
        _string_lists(depth - 1).map(lambda t: f"{{ for v in {t} : v => length(v)... }}"),
        _list_of(_scalars(0)).map(lambda t: f'{{ (jsonencode({t})) = {t}, "k${{1 + 1}}" = 2 }}'),
        _conditional(depth, inner),
    )


def _values(depth: int) -> Texts:
    return st.one_of(_scalars(depth), _lists(depth), _objects(depth))


expressions: Texts = _values(3)
