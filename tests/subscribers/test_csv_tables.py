"""Files that spreadsheets and other programs call CSV: separators, encodings, line numbers, and what is refused."""

import codecs
import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import InvalidInputError
from digest.subscribers.pure.csv_columns import has_email
from digest.subscribers.pure.csv_tables import CsvTable, read_table

ROWS = [
    ["email", "regions", "name"],
    ["ann@r.example", "KZ", "Ann"],
    ["bob@r.example", "GE", "Bob, the second"],
]


def read(file: bytes | str, encoding: str = "") -> CsvTable:
    return read_table(file.encode() if isinstance(file, str) else file, has_email, encoding=encoding)


def write(separator: str, rows: list[list[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator).writerows(rows)
    return buffer.getvalue()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_separator_is_recognised_by_the_first_line(separator: str, line_end: str) -> None:
    table = read(write(separator, ROWS).replace("\r\n", line_end))
    assert [table.header, *(row.cells for row in table.rows)] == ROWS
    assert table.separator == separator


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;", "\ufeffsep=;"])
def test_a_line_that_names_the_separator_is_no_row(line: str) -> None:
    table = read(f"{line}\r\nemail;regions\r\nann@r.example;KZ,GE\r\n")
    assert table.header == ["email", "regions"]
    assert [tuple(row) for row in table.rows] == [(3, ["ann@r.example", "KZ,GE"])]


def test_any_separator_can_be_named() -> None:
    assert read("sep=^\nemail^regions\nann@r.example^KZ\n").rows[0].cells == ["ann@r.example", "KZ"]


def test_commas_within_cells_do_not_win_over_the_semicolons_between_them() -> None:
    table = read('email;"name, first, last, other"\nann@r.example;"A, B, C, D"\n')
    assert (table.separator, table.rows[0].cells) == (";", ["ann@r.example", "A, B, C, D"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_with_and_without_its_mark(encoding: str) -> None:
    table = read("email\tимя\nann@r.example\tАнна\n".encode(encoding))
    assert (table.header, table.rows[0].cells) == (["email", "имя"], ["ann@r.example", "Анна"])
    assert table.remarks == ()


def test_utf_16_with_the_mark_of_big_endian_is_read() -> None:
    file = codecs.BOM_UTF16_BE + "email\nann@r.example\n".encode("utf-16-be")
    assert read(file).rows[0].cells == ["ann@r.example"]


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1251", ["Анна Каренина", "Григорий Мелехов", "Лев Мышкин", "Казахстан"]),
        ("cp1252", ["Zoë Müller", "José Núñez", "Søren Sørensen", "Françoise Lefèvre"]),
        ("cp1253", ["Γιώργος Παπαδόπουλος", "Ελένη Νικολάου", "Δημήτρης Γεωργίου"]),
        ("cp1256", ["محمد الأحمد", "فاطمة الزهراء", "عبد الله الخالد"]),
    ],
)
def test_a_code_page_is_recognised_by_the_names_and_said(encoding: str, names: list[str]) -> None:
    rows = [
        ["email", "name"],
        *([f"reader{number}@r.example", name] for number, name in enumerate(names * 3)),
    ]
    table = read(write(";", rows).encode(encoding))
    assert [row.cells[1] for row in table.rows] == names * 3
    assert len(table.remarks) == 1


def test_an_encoding_that_is_given_is_used_and_a_wrong_one_named() -> None:
    file = "email;имя\nann@r.example;Ия\n".encode("koi8-r")
    assert read(file, "koi8-r").rows[0].cells[1] == "Ия"
    with pytest.raises(InvalidInputError, match="klingon"):
        read(file, "klingon")
    with pytest.raises(InvalidInputError, match='can\'t be read as "utf-8"'):
        read(file, "utf-8")


def test_rows_have_the_number_of_their_first_line_in_the_file() -> None:
    table = read('\n\nemail,note\nann@r.example,"two\nlines"\n\n,\nbob@r.example,x\n')
    assert [(row.number, row.cells[0]) for row in table.rows] == [(4, "ann@r.example"), (8, "bob@r.example")]


def test_quotation_marks_with_backslashes_are_read_too() -> None:
    table = read('email,note\nann@r.example,"says \\"hello, all\\""\n')
    assert table.rows[0].cells[1] == 'says "hello, all"'


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"", 'no column "email"'),
        (b"name;regions\nAnn;KZ\n", "name;regions"),
        (b"ann@r.example\nbob@r.example\n", "must name the columns"),
        (b'email\nann@r.example\n"bob@r.example\ncat@r.example\n', "line 3"),
        (b'email,name\nann@r.example,"A" B\ncat@r.example,C\n', "line 2"),
        (b"PK\x03\x04\x14\x00email", "workbook"),
        (b"\xd0\xcf\x11\xe0email", "workbook"),
    ],
)
def test_what_would_lose_rows_is_refused_as_a_whole(file: bytes, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        read(file)


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Cf"]), max_size=20).map(str.strip)


@given(
    separator=st.sampled_from([",", ";", "\t", "|"]),
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=8),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_a_spreadsheet_wrote_comes_back(
    separator: str, rows: list[tuple[str, str]], encoding: str
) -> None:
    file = write(separator, [["email", "note"], *map(list, rows)]).encode(encoding)
    assert [tuple(row.cells) for row in read(file).rows] == [row for row in rows if any(row)]


@settings(deadline=None)  # the first detection loads the models
@given(st.binary(max_size=300))
def test_any_file_is_read_or_refused_with_a_sentence(file: bytes) -> None:
    try:
        table = read(b"email;x\n" + file)
    except InvalidInputError:
        return
    assert table.header[0] == "email"


@pytest.mark.parametrize("codec", ["punycode", "idna", "unicode_escape", "utf-7", "rot13", "no-such"])
def test_codecs_that_are_no_encodings_of_files_are_refused(codec: str) -> None:
    """Punycode would take hours for 2 MB of letters."""
    with pytest.raises(InvalidInputError, match=f'can\'t be read as "{codec}"'):
        read(b"email\n" + b"b" * 100_000, encoding=codec)
