"""Which passwords are refused: too short, too long, common, or easily guessed by who knows the account.

NIST SP 800-63B, section 3.1.1.2, asks for a minimum length and for a list of common passwords, and against rules on
which kinds of characters a password has.
"""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from itertools import pairwise

from digest.errors import NewsroomText

MIN_PASSWORD_LENGTH = 12  # characters; NIST SP 800-63B asks for at least 8
MAX_PASSWORD_LENGTH = 128  # of a new one; OWASP ASVS 4.0.3, 2.1.2
LONGEST_CHECKED_PASSWORD = (
    256  # earlier versions accepted passwords of this length; more would only keep argon2 busy
)
MIN_WORD_LENGTH = 5  # of a common password inside a longer one; shorter ones are in many good passwords
LONGEST_REPEATED_PIECE = 8  # characters: "abcd1234abcd1234" is eight characters, written twice
LEET = str.maketrans("013457@$!|", "oleastasil")  # characters that stand for letters: "p@ssw0rd"


def password_problem(password: str, context: Iterable[str] = ()) -> str:
    """Why a new password is refused, in a sentence; "" if it is accepted.

    `context` has words that somebody would try first: the site's name and the parts of the account's address.
    """
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        length = len(password)
        return NewsroomText(
            "It has %(length)s characters; it needs %(min_password_length)s to %(max_password_length)s.",
            length=length,
            min_password_length=MIN_PASSWORD_LENGTH,
            max_password_length=MAX_PASSWORD_LENGTH,
        )
    folded = password.casefold()
    if folded in common_passwords():
        return NewsroomText("It is one of the most common passwords.")
    if _is_repetition(folded) or _is_sequence(folded):
        return NewsroomText("It only repeats a few characters, or counts them up or down.")
    words = {_core(word.casefold()) for word in context}
    for core in {_core(folded), _core(folded.translate(LEET))}:
        if len(core) >= MIN_WORD_LENGTH and core in common_passwords():
            return NewsroomText("It is a very common password with characters before or after it.")
        if core in words - {""}:
            return NewsroomText(
                "It is the name of the site or of the account with characters before or after it."
            )
    return ""


@cache
def common_passwords() -> frozenset[str]:
    """The common passwords, case-folded. Source and licence: data/SOURCES.md."""
    text = (files("digest.accounts") / "data" / "common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.splitlines())


def _core(folded: str) -> str:
    """The text without what is not a letter at both ends.

    >>> _core("--password2026!")
    'password'
    """
    start, end = 0, len(folded)
    while start < end and not folded[start].isalpha():
        start += 1
    while end > start and not folded[end - 1].isalpha():
        end -= 1
    return folded[start:end]


def _is_repetition(folded: str) -> bool:
    """Whether a short piece, or a common password, is written again and again."""
    # The last piece may be cut off: "abcabcab" repeats "abc".
    for size in range(1, len(folded) // 2 + 1):
        piece = folded[:size]
        if folded == (piece * (len(folded) // size + 1))[: len(folded)]:
            return size <= LONGEST_REPEATED_PIECE or piece in common_passwords()
    return False


def _is_sequence(folded: str) -> bool:
    """Whether each character follows the one before it: "abcdefghijkl", "210987654321"."""
    steps = {_step(first, second) for first, second in pairwise(folded)}
    return steps in ({1}, {-1})


def _step(first: str, second: str) -> int:
    if first.isdecimal() and second.isdecimal():  # 9 is followed by 0
        difference = (int(second) - int(first)) % 10
        return {1: 1, 9: -1}.get(difference, 0)
    return ord(second) - ord(first)
