"""Input that is made to break iaclint: it ends in bounds, says what is wrong, and lints the rest.

Each run is a process of its own with little memory and processor time, so a test fails where a limit is met.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from iaclint.cloudformation import session
from tests.bounded import bounded
from tests.command_line import BAD, Result, write

MANY = 10_000
REST = {"ok/main.tf": BAD}
FOUND = "ok/main.tf:2:25: medium kms-key-not-rotated"


def key(value: str, before: str = "") -> str:
    return f'{before}resource "aws_kms_key" "k" {{\n  description = {value}\n}}\n'


def local(body: str) -> str:
    return key("local.a", "locals {\n" + body + "\n}\n")


def chain(each: str, last: str, number: int = 60) -> str:
    """Locals of which each is made of the next: `@` stands for it."""
    lines = [f"b{i} = " + each.replace("@", f"local.b{i + 1}") for i in range(number)]
    return local("\n".join(["a = local.b0", *lines, f"b{number} = {last}"]))


def template(value: str, before: str = "") -> str:
    return f"{before}Resources:\n  K:\n    Type: AWS::KMS::Key\n    Properties:\n      Description: {value}\n"


def nested(*urls: str) -> str:
    stacks = [
        f"  S{i}:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: {url}\n"
        for i, url in enumerate(urls)
    ]
    return "Resources:\n  K:\n    Type: AWS::KMS::Key\n" + "".join(stacks)


def loops(indent: int, depth: int, name: str, last: str) -> str:
    """Loops within each other, ten rounds each."""
    lines = []
    for i in range(depth):
        space = " " * (indent + 4 * i)
        lines += [f"{space}Fn::ForEach::L{i}:", f"{space}  - X{i}", f"{space}  - [a,b,c,d,e,f,g,h,i,j]", f"{space}  -"]
    return "\n".join(lines) + "\n" + " " * (indent + 4 * depth) + f"{name}:{last}\n"


def bomb(fan: int = 9, depth: int = 12) -> str:
    rows = [f"y{i}: &a{i} [{','.join([f'*a{i - 1}'] * fan)}]\n" for i in range(1, depth)]
    return "y0: &a0 [l,l,l,l,l,l,l,l,l]\n" + "".join(rows)


HCL = {
    "brackets": (key("[" * MANY + "]" * MANY), "nested 10,001 deep here, which is not read"),
    "open-brackets": (key("[" * MANY), "nested 10,001 deep here, which is not read"),
    "parentheses": (key("(" * MANY + "1" + ")" * MANY), "nested 10,001 deep"),
    "objects": (key("{a=" * MANY + "1" + "}" * MANY), "nested 10,001 deep"),
    "blocks": ("a {\n" * MANY + "}\n" * MANY, "nested 10,000 deep"),
    "interpolation": (key('"' + '${"' * MANY + '"}' * MANY + '"'), "nested 10,001 deep"),
    "directives": (key('"' + "%{if true}" * 2000 + "x" + "%{endif}" * 2000 + '"'), ""),
    "negation": (key("!" * MANY + "true"), "nested more than 200 deep"),
    "minus": (key("-" * MANY + "1"), "nested more than 200 deep"),
    "sum": (key("1" + "+1" * MANY), "nested more than 200 deep"),
    "conditional": (key("true?1:" * MANY + "2"), "nested more than 200 deep"),
    "attributes": (key("local.a" + ".a" * MANY), ""),
    "indices": (key("local.a" + "[0]" * MANY), "nested too deeply"),
    "json-text": (key(f'jsondecode("{"[" * 300}{"]" * 300}")'), ""),
    "yaml-text": (key(f'yamldecode("{"[" * 300}{"]" * 300}")'), ""),
    "quotes": (key('"' * 20_001), "is not expected here"),
    "heredocs": ("locals {\n" + "".join(f"a{i} = <<E{i}\nx\n" for i in range(2000)) + "}\n", "is not expected here"),
    "one-long-line": ("a=1;" * 20_000, "is not expected here"),
    "huge-text": (key('"' + "a" * 1_000_000 + '"'), ""),
    "huge-number": (key("9" * 1_000_000), "too large to be read"),
    "huge-exponent": (key("1e999999999"), "too large to be read"),
    "many-attributes": (key("{" + ",".join(f"a{i}=1" for i in range(30_000)) + "}"), ""),
    "nul": ("a\0b", "holds NUL bytes"),
    "nul-in-names": (key('file("a\\u0000b")') + 'module "m" {\n  source = "./a\\u0000b"\n}\n', ""),
    "surrogate": (key('"\\ud800"'), ""),
    "powers": (key("pow(9, pow(9, pow(9, 9)))"), ""),
    "products": (chain("@ * @", "99999999", 100), ""),
    "quotients": (chain("@ / @ / @", "1/99999999", 100), ""),
    "range": (local("a = range(0, 1000000000)"), ""),
    "range-of-fractions": (local("a = range(0, 1, 0.0000000001)"), ""),
    "loops": (local("a = [for i in range(1000) : [for j in range(1000) : [for k in range(1000) : i]]]"), ""),
    "setproduct": (local("b = range(100)\na = setproduct(local.b,local.b,local.b,local.b,local.b,local.b)"), ""),
    "doubled-lists": (chain("concat(@, @)", "[1]"), ""),
    "doubled-texts": (chain('"${@}${@}"', '"x"'), ""),
    "doubled-trees": (chain("[@, @]", "1").replace("local.a\n", "jsonencode(local.a)\n"), ""),
    "compared-trees": (chain("[@, @]", "1").replace("local.a\n", "local.a == flatten(local.b1)\n"), ""),
    "doubled-unknowns": ('variable "v" {}\n' + chain('"${@}${@}"', "var.v"), ""),
    "forked-unknowns": ('variable "v" {}\n' + chain("var.v == 1 ? [@] : [@, @]", "[var.v]"), ""),
    "wide-format": (key('format("%1000000000s", "x")'), ""),
    "precise-format": (key('format("%.1000000000f", 1)'), ""),
    "wide-indent": (key('indent(1000000000, "a\\nb")'), ""),
    "cidrsubnet": (local('a = [for i in range(100000) : cidrsubnet("10.0.0.0/8", 20, i)]'), ""),
    "parseint": (local(f'a = parseint("{"z" * 100_000}", 36)'), ""),
    "contains": (local("b = range(20000)\na = [for i in local.b : contains(local.b, i)]"), ""),
    "bcrypt": (local('a = [for i in range(1000) : bcrypt("a", 20)]'), ""),
    "timeadd": (local('a = timeadd("2020-01-01T00:00:00Z", "999999999999999999999h")'), ""),
    "circle": (local("a = local.b\nb = local.a"), ""),
    "itself": (local("a = local.a"), ""),
    "resource-itself": (key("aws_kms_key.k.description"), ""),
    "long-chain": (chain("@", "1", 20_000), ""),
    "regex-nested": (key(f'regex("(a+)+$", "{"a" * 50}b")'), ""),
    "regex-counted": (key(f'regex("((a{{0,31}}){{0,31}}){{0,31}}b", "{"a" * 200}")'), ""),
    "regex-choices": (key(f'regex("(a|a){{30}}(a|a){{30}}b", "{"a" * 100}")'), ""),
    "regex-optional": (key(f'regex("{"a?" * 40}{"a" * 40}", "{"a" * 39}")'), ""),
    "regex-in-a-row": (key(f'regexall("(a|a)*(a|a)*(a|a)*c", "{"a" * 5000}b")'), ""),
    "regex-replace": (key(f'replace("{"a" * 20_000}", "/(.*)*x/", "b")'), ""),
    "regex-large": (key('regex("((((((a{1,99}){1,99}){1,99}){1,99}){1,99}){1,99}){1,99}", "aaaa")'), ""),
    "fileset-stars": (key(f'join(",", fileset(".", "{"*a" * 50}b"))'), ""),
    "fileset-braces": (key(f'join(",", fileset(".", "{"{a,b}" * 50}"))'), ""),
    "fileset-deep": (key(f'join(",", fileset(".", "{"**/" * 50}x"))'), ""),
    "count": ('resource "aws_sqs_queue" "q" {\n  count = 1000000000\n}\n', "only 20,000 instances"),
    "negative-count": ('resource "aws_sqs_queue" "q" {\n  count = -1e400\n}\n', ""),
    "for_each": ('resource "aws_sqs_queue" "q" {\n  for_each = toset([for i in range(300000) : "${i}"])\n}\n', ""),
    "dynamic": (
        'resource "aws_security_group" "s" {\n  dynamic "ingress" {\n    for_each = range(1000000)\n'
        "    content {\n      from_port = 1\n    }\n  }\n}\n",
        "",
    ),
    "module-itself": ('module "m" {\n  source = "./"\n}\n', ""),
    "comments": ("# iaclint: " + "ignore[a];" * 20_000 + "\n# iaclint: ignore[a] " + (";" + " " * 2000) * 100, ""),
    "secrets": ("# " + 'password " : ' * 20_000 + "\n# " + "-----BEGIN PRIVATE KEY-----" * 20_000 + "\n", ""),
}
"""One file each: its text, and what is said of it."""

TEMPLATES = {
    "brackets": (template("[" * MANY + "]" * MANY), "nesting depth"),
    "braces": (template("{a: " * MANY + "}" * MANY), "nested deeper than 100 levels"),
    "dashes": (template("\n        " + "- " * MANY + "a"), "nested deeper than 100 levels"),
    "alias-bomb": (bomb() + template("!Join ['', *a11]"), "its aliases expand to more than a template can hold"),
    "alias-square": (
        f"x: &a [{'a,' * 5000}]\ny: [{'*a,' * 5000}]\n" + template("b"),
        "its aliases expand to more than a template can hold",
    ),
    "alias-itself": ("x: &a [*a]\n" + template("*a"), "the alias *a stands inside its own anchor"),
    "huge-text": (template("a" * 1_000_000), ""),
    "huge-number": (template("9" * 500_000), ""),
    "huge-exponent": (template("1e999999999"), ""),
    "sexagesimal": (template("1" + ":59" * 20_000), ""),
    "surrogate": (template('"\\ud800"'), "not well-formed YAML"),
    "pattern": (
        template(
            "!Ref P", f"Parameters:\n  P:\n    Type: String\n    Default: {'a' * 40}b\n    AllowedPattern: (a+)+\n"
        ),
        "",
    ),
    "sub": (template(f"!Sub '{'${AWS::Region}' * 20_000}'"), ""),
    "cidr": (template("!Join ['', !Cidr ['0.0.0.0/0', 1000000000, 1]]"), ""),
    "mappings": (
        template(
            "!FindInMap [M, a0, b]",
            "Mappings:\n  M:\n" + "".join(f"    a{i}:\n      b: !FindInMap [M, a{i + 1}, b]\n" for i in range(3000)),
        ),
        "deeper than can be followed",
    ),
    "conditions": (
        template(
            "a",
            "Conditions:\n"
            + "".join(f"  C{i}: !And [!Condition C{i + 1}, !Condition C{i + 1}]\n" for i in range(80))
            + "  C80: !Equals [!Ref AWS::Region, a]\n",
        ).replace("    Prop", "    Condition: C0\n    Prop"),
        "",
    ),
    "conditions-in-a-circle": (
        template("a", "Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\n").replace(
            "    Prop", "    Condition: A\n    Prop"
        ),
        "",
    ),
    "foreach-resources": (
        "Transform: AWS::LanguageExtensions\nResources:\n" + loops(2, 12, "K${X0}", "\n" + " " * 60 + "Type: A::B::C"),
        "",
    ),
    "foreach-properties": (
        "Transform: AWS::LanguageExtensions\n" + template("a") + loops(6, 12, "K${X0}", " 1"),
        "",
    ),
    "stack-itself": (nested("x.yaml"), "stack S0 contains itself"),
    "stack-nul": (nested('"a\\0b"', '"a\\u0001b"'), ""),
}

JSON = {
    "brackets": ('{"Resources":{"K":{"Type":"AWS::KMS::Key","Metadata":' + "[" * MANY + "]" * MANY + "}}}", "deep"),
    "huge-number": ('{"Resources":{"K":{"Type":"AWS::KMS::Key","Properties":{"D":' + "9" * 1_000_000 + "}}}}", ""),
    "surrogates": (
        '{"Resources":{"K\\ud800":{"Type":"AWS::KMS::Key","Properties":{"Description":"\\udfff"}},'
        '"S":{"Type":"AWS::CloudFormation::Stack","Properties":{"TemplateURL":"a\\ud800b\\u0000"}}}}',
        "",
    ),
    "plan-deep": (
        '{"format_version":"1.2","terraform_version":"1.9.0","planned_values":{"root_module":'
        + '{"child_modules":[' * 5000 + "{}" + "]}" * 5000 + "}}",
        "",
    ),
    "plan-of-lists": (
        '{"format_version":"1.2","terraform_version":"1.9.0","planned_values":[],"resource_changes":{"a":1}}',
        "does not have the form of a plan",
    ),
    "plan-of-nulls": (
        '{"format_version":"1.2","terraform_version":"1.9.0","planned_values":'
        '{"root_module":{"resources":[1,null,{"address":1}]}},"resource_changes":[null,1,{"change":[]}]}',
        "does not have the form of a plan",
    ),
}  # fmt: skip

TF_JSON = {
    "brackets": ("[" * MANY + "]" * MANY, "nested deeper than 200 levels"),
    "objects": ('{"resource":' * MANY + "1" + "}" * MANY, "nested deeper than 200 levels"),
    "surrogates": ('{"resource":{"aws_kms_key":{"k\\ud800":{"description":"\\udfff${file(\\"\\ud800\\")}"}}}}', ""),
}

FILES = [
    *(pytest.param("x.tf", *case, id=f"hcl-{name}") for name, case in HCL.items()),
    *(pytest.param("x.yaml", *case, id=f"yaml-{name}") for name, case in TEMPLATES.items()),
    *(pytest.param("x.json", *case, id=f"json-{name}") for name, case in JSON.items()),
    *(pytest.param("x.tf.json", *case, id=f"tf-json-{name}") for name, case in TF_JSON.items()),
]


def lint(directory: Path, *arguments: str) -> Result:
    """Lints with two rules, and looks whether the rest was linted."""
    only = ("--select", "kms-key-not-rotated,exceptions", "--format", "concise")
    done = bounded(*only, *arguments, ".", cwd=directory)
    assert "Traceback" not in done.err
    return done


@pytest.mark.parametrize(("name", "text", "says"), FILES)
def test_a_hostile_file(name: str, text: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MAX_EXPANDED", 100_000)
    write(tmp_path, {**REST, name: text, "a" * 200: ""})
    done = lint(tmp_path)
    assert FOUND in done.out
    assert done.code == (2 if " error " in done.out or "error:" in done.err else 1)
    assert says in done.out + done.err


FAN = {f"m{i}/x.tf": "".join(f'module "{n}" {{\n  source = "../m{i + 1}"\n}}\n' for n in "ab") for i in range(20)}
INCLUDE = "Fn::Transform:\n  Name: AWS::Include\n  Parameters:\n    Location: i{0}.yaml\n"
TREES = {
    "modules-call-each-other": {
        "a/x.tf": 'module "m" {\n  source = "../b"\n}\n',
        "b/x.tf": 'module "m" {\n  source = "../a"\n}\n',
    },
    "modules-double": {**FAN, "m20/x.tf": key("1")},
    "modules-counted": {"x.tf": 'module "m" {\n  source = "./b"\n  count = 1000000\n}\n', "b/x.tf": key("1")},
    "template-file-itself": {
        "x.tf": local('a = templatefile("${path.module}/t.txt", {})'),
        "t.txt": '${templatefile("t.txt", {})}',
    },
    "template-file-loops": {
        "x.tf": local('a = templatefile("${path.module}/t.txt", {})'),
        "t.txt": "%{ for i in range(10000) }%{ for j in range(10000) }xxxxxxx%{ endfor }%{ endfor }",
    },
    "yaml-file-bomb": {"x.tf": local('a = yamldecode(file("${path.module}/b.txt"))'), "b.txt": bomb()},
    "stacks-fan": {
        **{f"x{i}.yaml": nested(*[f"./x{i + 1}.yaml"] * 10) for i in range(9)},
        "x9.yaml": template("a"),
    },
    "stacks-many": {"x.yaml": nested(*["./y.yaml"] * 3000), "y.yaml": template("a")},
    "includes-double": {
        **{
            f"i{i}.yaml": INCLUDE.format(i + 1) + "A:\n  " + INCLUDE.format(i + 1).replace("\n", "\n  ").rstrip() + "\n"
            for i in range(60)
        },
        "i60.yaml": "B: 1\n",
        "x.yaml": template("\n        " + INCLUDE.format(0).replace("\n", "\n        ").rstrip()),
    },
    "gitignore-stars": {".gitignore": "*a" * 50 + "b\n", "a" * 200 + ".tf": "", "a" * 200 + ".yaml": ""},
    "gitignore-nonsense": {".gitignore": "[a-z" * 2000 + "\n" + "**/" * 2000 + "x\n" + "\\" * 999, "a/b/c/x.tf": ""},
    "other-project": {"pyproject.toml": "a=" + "[" * 20_000},
    "tool-is-no-table": {"pyproject.toml": 'tool = 1\n# iaclint\n'},
    "address-stars": {
        ".iaclint.toml": f'[[exceptions]]\nrule="kms-key-not-rotated"\nreason="x"\naddress="{"*a" * 50}b"\n',
        "x.tf": f'resource "aws_kms_key" "{"a" * 200}" {{\n}}\n',
    },
    "settings": {"samconfig.toml": "a=" + "[" * 20_000, "x.yaml": template("a"), "terraform.tfvars": "[" * 20_000},
}  # fmt: skip


@pytest.mark.parametrize("files", TREES.values(), ids=TREES)
def test_a_hostile_tree(files: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path, {**REST, **files})
    done = lint(tmp_path)
    assert FOUND in done.out
    assert done.code in (1, 2)


BASELINE = 'baseline = "b.json"\n'
CONFIGS = {
    "brackets": ({".iaclint.toml": "a=" + "[\n" * 20_000}, "is not valid TOML"),
    "dots": ({".iaclint.toml": "a." * 20_000 + "a=1"}, "is too large"),
    "size": ({".iaclint.toml": "#\n" * 600_000}, "is too large"),
    "exclude": ({".iaclint.toml": f'exclude = ["{"*a" * 50}b"]'}, "more than 3 stars"),
    "per-path": ({".iaclint.toml": f'[per-path."{"**/" * 50}b"]\nignore = []'}, "more than 3 stars"),
    "exception": (
        {".iaclint.toml": f'[[exceptions]]\nrule = "kms-key-not-rotated"\nreason = "x"\npath = "{"*a" * 50}b"\n'},
        "more than 3 stars",
    ),
    "nul-in-baseline": ({".iaclint.toml": 'baseline = "a\\u0000b"'}, "baseline"),
    "nul-in-var-file": ({".iaclint.toml": 'var-files = ["a\\u0000b"]'}, "does not exist"),
    "nul-in-rules": ({".iaclint.toml": 'rules = ["a\\u0000b"]'}, "is not a directory of rules"),
    "deep-baseline": ({".iaclint.toml": BASELINE, "b.json": "[" * 200_000}, "is not JSON"),
    "huge-count": (
        {
            ".iaclint.toml": BASELINE,
            "b.json": '{"version":1,"findings":[{"fingerprint":1,"rule":1,"file":1,"count":' + "9" * 10_000 + "}]}",
        },
        "is not JSON",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "says"), CONFIGS.values(), ids=CONFIGS)
def test_a_hostile_config(files: dict[str, str], says: str, tmp_path: Path) -> None:
    write(tmp_path, {**REST, **files})
    done = lint(tmp_path)
    assert done.code == 2
    assert says in done.err
    assert done.err.count("\n") == 1
    assert lint(tmp_path, "--isolated").code == 1


def test_a_thousand_rules_of_a_group_are_looked_at_and_more_are_doubtful(tmp_path: Path) -> None:
    def group(number: int) -> str:
        ingress = [
            f'  ingress {{\n    from_port = {i}\n    to_port = {i}\n    protocol = "tcp"\n'
            f'    cidr_blocks = ["10.{i // 256}.{i % 256}.0/24"]\n  }}\n'
            for i in range(30_000, 30_000 + number)
        ]
        return 'resource "aws_security_group" "s" {\n' + "".join(ingress).replace("10.1", "10.0") + "}\n"

    write(tmp_path, {**REST, "x.tf": group(1100)})
    done = bounded(
        "--select",
        "security-group-admin-port-open,kms-key-not-rotated",
        "--format",
        "concise",
        "--show-unknown",
        ".",
        cwd=tmp_path,
    )
    assert FOUND in done.out


# -- what is no file ---------------------------------------------------------------------------------------

SPECIAL = (
    *("a.tf", "b.yaml", "c.json", "d.tf.json", ".gitignore", ".iaclint.toml", "pyproject.toml"),
    *("terraform.tfvars", "samconfig.toml", "e.auto.tfvars"),
)


def fifos(directory: Path) -> None:
    for name in SPECIAL:
        os.mkfifo(directory / name)


def sockets(directory: Path) -> None:
    for name in SPECIAL:
        with socket.socket(socket.AF_UNIX) as made:
            here = os.getcwd()
            os.chdir(directory)  # an address may have 100 characters only
            made.bind(name)
            os.chdir(here)


def devices(directory: Path) -> None:
    for name in SPECIAL:
        (directory / name).symlink_to("/dev/zero")


def outside(directory: Path) -> None:
    for name in SPECIAL:
        if name not in (".iaclint.toml", "pyproject.toml"):
            (directory / name).symlink_to("/etc/passwd")
    (directory / "etc").symlink_to("/etc")


def circles(directory: Path) -> None:
    for name in SPECIAL:
        (directory / name).symlink_to(name)
    (directory / "here").symlink_to(".")
    (directory / "ok" / "up").symlink_to("..")


def directories(directory: Path) -> None:
    for name in SPECIAL:
        (directory / name).mkdir()


@pytest.mark.parametrize("make", [fifos, sockets, devices, outside, circles, directories])
def test_what_is_no_file_of_the_tree(make: Callable[[Path], None], tmp_path: Path) -> None:
    write(tmp_path, REST)
    make(tmp_path)
    done = lint(tmp_path)
    assert done.out.count(FOUND) == 1
    assert done.code in (1, 2)
    assert "root:" not in done.out + done.err
    done = lint(tmp_path, "c.json", "a.tf", "terraform.tfvars")
    assert done.code in (1, 2)


TRAVERSAL = {
    "x.tf": key(
        '"${local.a}${local.b}${local.c}${local.d}${local.e}"',
        'locals {\n  a = file("@")\n  b = templatefile("@", {})\n  c = join("", fileset("/etc", "**"))\n'
        '  d = filebase64sha256("@")\n  e = fileexists("@")\n}\n'
        'module "m" {\n  source = "/etc"\n}\nmodule "n" {\n  source = "../../../../../../../../../../etc"\n}\n',
    ),
    "x.yaml": "Transform:\n  Name: AWS::Include\n  Parameters:\n    Location: @\n"
    + nested("@", "file://@", "secret.yaml"),
}


@pytest.mark.parametrize("path", ["/etc/passwd", "../../../../../../../../../../../../etc/passwd", "../secret.txt"])
def test_no_path_leads_out(path: str, tmp_path: Path) -> None:
    files = {name: text.replace("@", path) for name, text in TRAVERSAL.items()}
    write(
        tmp_path, {"secret.txt": "root:hidden\n", **{f"scan/{name}": text for name, text in {**REST, **files}.items()}}
    )
    (tmp_path / "scan" / "secret.yaml").symlink_to(tmp_path / "secret.txt")
    for format_ in ("json", "text"):
        done = bounded("--format", format_, "--show-unknown", ".", cwd=tmp_path / "scan")
        assert "ok/main.tf" in done.out
        assert "root:" not in done.out + done.err
    shown = bounded("show", ".", "--format", "json", cwd=tmp_path / "scan")
    assert "root:" not in shown.out and "kms" in shown.out


# -- encodings ---------------------------------------------------------------------------------------------

ENCODINGS = {
    "utf-16.tf": (BAD.encode("utf-16"), ":2:25: medium"),
    "utf-16-be.yaml": (b"\xfe\xff" + template("a").encode("utf-16-be"), ":2:3: medium"),
    "mark.tf": (b"\xef\xbb\xbf" + BAD.encode(), ":2:25: medium"),
    "cr.tf": (BAD.encode().replace(b"\n", b"\r"), ":2:25: medium"),
    "crlf.tf": (BAD.encode().replace(b"\n", b"\r\n"), ":2:25: medium"),
    "crlf.yaml": (template("a").encode().replace(b"\n", b"\r\n"), ":2:3: medium"),
    "latin.tf": (b"# a\n# \xe9\n", ":2: not UTF-8 text (byte 0xe9)"),
    "mixed.yaml": (template("a").encode() + b"# \xe9\n", "not UTF-8 text"),
    "half.tf": (b"\xff\xfea", "starts like UTF-16 but is not"),
    "surrogate.tf": (b"# \xed\xa0\x80\n", "not UTF-8 text"),
    "binary.tf": (bytes(range(256)), "holds NUL bytes"),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_encodings(name: str, tmp_path: Path) -> None:
    data, says = ENCODINGS[name]
    write(tmp_path, REST)
    (tmp_path / name).write_bytes(data)
    done = lint(tmp_path)
    assert FOUND in done.out
    assert f"{name}{says}" in done.out or (says in done.out and name in done.out)
    assert done.code == (1 if "medium" in says else 2)


@pytest.mark.parametrize("format_", ["text", "concise", "json", "sarif", "github", "markdown", "gitlab", "junit"])
def test_names_that_are_no_text(format_: str, tmp_path: Path) -> None:
    write(tmp_path, REST)
    here = os.fsencode(tmp_path)
    for name in (b"\xff\xfe.tf", b"\n::error::x\x1b[31m.tf", b"a%0A::set-output.tf", "\u202egpj.tf".encode()):
        with open(os.path.join(here, name), "wb") as stream:
            stream.write(BAD.encode().replace(b'"k"', b'"k%d"' % len(name)))
    done = bounded("--select", "kms-key-not-rotated", "--format", format_, ".", cwd=tmp_path)
    assert done.code == 1
    assert "\x1b" not in done.out
    assert not [line for line in done.out.splitlines() if line.startswith("::error::")]


def test_a_hundred_thousand_files(tmp_path: Path) -> None:
    """In many directories: Terraform, YAML and JSON that are no templates, and others."""
    kinds = {"yaml": "a: 1\n", "json": '{"a": 1}\n', "txt": "", "md": ""}
    write(tmp_path, REST)
    for folder in range(200):
        home = tmp_path / f"d{folder}"
        write(home, {"main.tf": key("1"), **{f"f.{kind}": text for kind, text in kinds.items()}})
        for number in range(495):
            kind = list(kinds)[number % 4]
            os.link(home / f"f.{kind}", home / f"f{number}.{kind}")  # costs a disk less than a file
    done = lint(tmp_path)
    assert (done.code, done.out.count(FOUND)) == (1, 1)
    assert done.out.count("main.tf:1:1: medium kms-key-not-rotated") == 200
    shutil.rmtree(tmp_path, ignore_errors=True)  # pytest keeps what a test leaves
