"""What single files of a tree are found to hold. Secrets here are put together while the test runs."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from handover.inventory.trees.credentials import LINES_TOLD
from handover.inventory.trees.reading import HEAD
from tests.unit.handover.inventory.trees.planting import Deliver, said, tree_with

BODY = b"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n"
PRIVATE_KEY = b"-----BEGIN RSA " + b"PRIVATE KEY-----\n" + BODY
AWS_KEY = b"AKIA" + b"Q3EGRIP5XOKT7ZLB"
GITHUB_TOKEN = b"ghp" + b"_" + b"a1B2c3D4e5" * 3 + b"f6G7h8"
CONFLICT = b"class B {\n<<<<<<< HEAD\n  int a;\n=======\n  int b;\n>>>>>>> other\n}\n"


def jar() -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")
    return packed.getvalue()


def test_a_clean_tree_is_found_clean(deliver: Deliver) -> None:
    assert said(tree_with(deliver, {})) == []


@pytest.mark.parametrize(
    ("content", "evidence"),
    [
        (CONFLICT, "line 2"),
        (CONFLICT.replace(b"\n", b"\r\n"), "line 2"),
        (b"\xff\xfe\n" + CONFLICT, "line 3"),
    ],
)
def test_an_unresolved_merge_is_found(deliver: Deliver, content: bytes, evidence: str) -> None:
    assert said(tree_with(deliver, {"B.java": content})) == [("HND-SRC-06", "B.java", evidence)]


@pytest.mark.parametrize(
    "content",
    [
        b"Title\n=======\n\ntext\n",
        b"=======\n<<<<<<< a\n>>>>>>> b\n",
        b'mark = "<<<<<<< a"\n=======\n# >>>>>>> b\n',
    ],
)
def test_marks_that_are_no_merge_are_left_alone(deliver: Deliver, content: bytes) -> None:
    assert said(tree_with(deliver, {"notes.rst": content})) == []


@pytest.mark.parametrize(
    "content",
    [
        "TODO",
        "// TODO: write this\n",
        "# placeholder\n",
        "Lorem ipsum dolor sit amet,\nconsectetur adipiscing elit.\n",
        "<!-- Đang cập nhật -->",
        "/* To be written. */",
    ],
)
def test_a_file_that_only_promises_content_is_found(deliver: Deliver, content: str) -> None:
    assert said(tree_with(deliver, {"B.java": content.encode()})) == [("HND-SRC-07", "B.java", "")]


def test_a_file_with_a_todo_and_content_is_none(deliver: Deliver) -> None:
    assert said(tree_with(deliver, {"B.java": b"// TODO: more\nclass B {}\n" * 5})) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("id_rsa", PRIVATE_KEY),
        ("Keys.java", b'String k = "' + PRIVATE_KEY.replace(b"\n", b"\\n") + b'";\n'),
        ("deploy.sh", b"export KEY=" + AWS_KEY + b"\n"),
        ("ci.yml", b"run: git clone https://x:" + GITHUB_TOKEN + b"@example.invalid/a.git\n"),
        ("application.yml", b"    password: Tiem#2021\n"),
        ("application.yml", b"    password: postgres\n"),
        ("application.properties", b"spring.datasource.password=tiemchung\n"),
        ("prod.env", "MAT_KHAU=tiêm-2021 # máy chủ\n".encode()),
        ("App.java", b'  String password = "Tiem#2021";\n'),
        ("config.php", b"  'password' => 'Tiem#2021',\n"),
        ("settings.json", b'{"clientSecret": "a8f3c2e19b"}\n'),
        ("settings.xml", b"<server><password>tiemchung1</password></server>\n"),
        ("beans.xml", b'<property name="password" value="tiemchung1"/>\n'),
        ("roles.sql", b"create role tc login password 'Tiem#2021';\n"),
        ("Db.kt", b'val url = "postgresql://tc:Tiem2021@10.0.0.1/tc"\n'),
        (".git/config", b"\turl = https://tc:Tiem2021@git.example.invalid/tc.git\n"),
        ("bundle.js", b"x" * 50_000 + b'password:"Tiem#2021",' + b"y" * 50_000 + b"\n"),
    ],
)
def test_a_secret_is_found_by_its_line_and_never_told(deliver: Deliver, name: str, line: bytes) -> None:
    tree = tree_with(deliver, {name: b"\xef\xbb\xbf#\n" + line})

    assert said(tree) == [("HND-SRC-08", name, "line 2")]
    for value in (AWS_KEY, GITHUB_TOKEN, BODY.strip(), b"2021", b"tiemchung1", b"a8f3c2e19b"):
        assert value.decode() not in "".join(each.message for each in tree.findings)


def test_a_key_store_is_a_secret(deliver: Deliver) -> None:
    planted = {"release.jks": b"\xfe\xed\xfe\xed\0\0\0\2", "debug.keystore": b"\xfe\xed\xfe\xed\0\0\0\2"}

    assert said(tree_with(deliver, planted)) == [("HND-SRC-08", "release.jks", "")]


def test_a_file_full_of_secrets_is_told_so_far(deliver: Deliver) -> None:
    tree = tree_with(deliver, {"a.properties": b"password=Tiem#2021\n" * 500})

    assert [each.evidence for each in tree.findings] == [f"line {n}" for n in range(1, LINES_TOLD + 1)]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("application.yml", b"password: ${CSDL_MAT_KHAU}"),
        ("application.yml", b"password:"),
        ("application.yml", b"password: changeme"),
        ("application.yml", b"password: ENC(a8f3c2e19b)"),
        ("openapi.yaml", b"password: { type: string }"),
        ("openapi.yaml", b"access_token: string"),
        ("deploy.sh", b"PASSWORD=$1"),
        ("deploy.sh", b"TOKEN=$(cat token)"),
        ("App.java", b'env.put("password", password);'),
        ("App.java", b'String password = "mat.khau.nhan";'),
        ("App.java", b'String password = System.getenv("MAT_KHAU_2");'),
        ("App.java", b'pem.replace("-----BEGIN ' + b'PRIVATE KEY-----", "");'),
        ("src/test/java/LoginTest.java", b'login.password = "Tiem#2021";'),
        ("i18n/vi.json", '{"password": "Mật-khẩu-1"}'.encode()),
        ("messages_vi.properties", b"password=Tiem"),
        ("docs/setup.md", b"password: Tiem#2021"),
        ("aws.yml", b"key: AKIA" + b"IOSFODNN7EXAMPLE"),
        ("Db.kt", b'val url = "postgresql://$user:$pass@10.0.0.1/tc"'),
        ("Db.kt", b'val url = "https://example.invalid:8080/a@b"'),
    ],
)
def test_a_reference_or_label_is_no_secret(deliver: Deliver, name: str, line: bytes) -> None:
    assert said(tree_with(deliver, {name: line + b"\n"})) == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xca\xfe\xba\xbe\0\0\0\x34\0\0", "Java class"),
        (jar(), "Java archive"),
        (b"\x7fELF\2\1\1\0", "ELF program or library"),
        (b"MZ\x90\0", "Windows program or library"),
        (b"\xa7\x0d\r\n" + bytes(12), "Python bytecode"),
        (b"\xcf\xfa\xed\xfe\0", "macOS program or library"),
    ],
)
def test_a_compiled_program_is_found_whatever_its_name(deliver: Deliver, content: bytes, kind: str) -> None:
    assert said(tree_with(deliver, {"lib/a.dat": content})) == [("HND-SRC-15", "lib/a.dat", kind)]


def test_wrappers_and_pictures_are_no_compiled_programs(deliver: Deliver) -> None:
    planted = {"gradle/wrapper/gradle-wrapper.jar": jar(), "logo.png": b"\x89PNG\r\n\x1a\n\0\0\0"}

    assert said(tree_with(deliver, planted)) == []


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("name", "repeated"),
    [
        ("A.java", b"@Table("),
        ("a.sql", b"/*"),
        ("a.ts", b'\\"'),
        ("settings.gradle", b"\n"),
        ("go.mod", b"replace (\n"),
        ("a.xml", b"<"),
        ("id_rsa", b"BEGIN PRIVATE KEY-----\n"),
        ("a.properties", b"password="),
    ],
)
def test_a_file_made_to_be_slow_is_not(deliver: Deliver, name: str, repeated: bytes) -> None:
    tree = tree_with(deliver, {name: b"select <mapper " + repeated * (HEAD // len(repeated))})

    assert tree.swhid
