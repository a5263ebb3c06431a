"""The `dateline look` commands: what the site says of itself in a language, and its look as a file."""

from typing import BinaryIO

import click
from flask.cli import with_appcontext

from digest.cli.audited import command_actor
from digest.cli.reports import report
from digest.i18n.catalogs import PAGE_LANGUAGES
from digest.look import look_file
from digest.look.pure.look import ALL_LANGUAGES, WORD_NAMES
from digest.parts import parts


@click.group("look")
def look_group() -> None:
    """Show the look of the site, and take it from one site to another.

    \b
    Example: dateline look export > look.json
    """


@look_group.command()
@click.option(
    "--lang", type=click.Choice([ALL_LANGUAGES, *PAGE_LANGUAGES]), default=ALL_LANGUAGES, show_default=True
)
@with_appcontext
def show(lang: str) -> None:
    """Show what readers of a language see, and where each word comes from."""
    look = parts().looks.current(parts().db)
    shown = look.shown(lang)
    words = {name: getattr(shown.words, name) for name in WORD_NAMES}
    origins = {name: look.origin(name, lang).value for name in WORD_NAMES}
    looks = {
        "colour": look.palette.accent,
        "dark_colour": look.palette.dark_accent,
        "masthead": shown.masthead.value,
        "logo": shown.logo.key if shown.logo else "",
    }
    lines = [f"{name}: {text or '-'} ({origins[name]})" for name, text in words.items()]
    lines += [f"{name}: {text or '-'}" for name, text in looks.items()]
    report("\n".join(lines), language=lang, words=words, origins=origins, **looks)


@look_group.command()
@with_appcontext
def export() -> None:
    """Write the saved look to standard output, as JSON with its logos."""
    with parts().db.read() as tx:
        click.echo(look_file.write_look(tx, parts().looks.newest(tx)), nl=False)


@look_group.command("import")
@click.argument("file", type=click.File("rb"))
@with_appcontext
def import_file(file: BinaryIO) -> None:
    """Replace the look by that in a file ("-": standard input)."""
    p = parts()
    before, after = look_file.import_look(
        p.db,
        p.looks,
        file.read(look_file.MAX_FILE + 1),
        PAGE_LANGUAGES,
        author=command_actor().name,
        now=p.clock(),
    )
    sentence = "The look is the same as before." if before is after else "The look is saved."
    report(sentence, version=after.version, changed=before is not after)
