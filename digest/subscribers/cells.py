"""Cells of CSV files that people open in spreadsheets."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so (CWE-1236)


def safe_cell(value: object) -> object:
    """A cell that no spreadsheet runs."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def plain_cell(text: str) -> str:
    """What `safe_cell` made safe, as it was."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text
