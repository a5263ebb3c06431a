"""`dateline backup` and `dateline restore`: copies of the database, with the secret key apart."""

import hashlib
from pathlib import Path

import click
from flask.cli import with_appcontext

from digest.cli.reports import report
from digest.database_backup import make_backup, read_manifest, restore_backup, verify_backup
from digest.errors import ConflictError, InvalidInputError
from digest.parts import parts


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--key-file", type=click.Path(path_type=Path, dir_okay=False), help="Also write SECRET_KEY to this file."
)
@click.option(
    "--verify/--no-verify", default=True, show_default=True, help="Restore the copy into a scratch database."
)
@with_appcontext
def backup(folder: Path, key_file: Path | None, verify: bool) -> None:
    """Copy the database into a new folder below FOLDER, while everything runs, and check the copy.

    SECRET_KEY is not in the copy: who has both can read and act as everybody. Keep the key in another place.

    \b
    Example: dateline backup /srv/backups
    """
    p = parts()
    if key_file is not None:
        _write_key(key_file, folder, p.settings.secret_key)
    made = make_backup(p.db, folder, now=p.clock(), key_check=key_check(p.settings.secret_key))
    report(f"{made}: {read_manifest(made).rows} rows", folder=str(made), rows=read_manifest(made).rows)
    if verify:
        verify_backup(made, p.db)
        report("verified: restored into a scratch database, with the same rows", verified=True)
    if key_file is None:
        click.echo(
            "SECRET_KEY is not in it; keep a copy of it in another place (--key-file writes one)", err=True
        )


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--other-key", is_flag=True, help="Restore although SECRET_KEY is another one than the copy's.")
@with_appcontext
def restore(folder: Path, other_key: bool) -> None:
    """Fill the empty database of DATABASE_URL from a copy that `dateline backup` made.

    It is a return to the moment of the copy: read "Backup" in docs/operations.md first.
    """
    p = parts()
    if read_manifest(folder).key_check != key_check(p.settings.secret_key) and not other_key:
        raise ConflictError(
            "SECRET_KEY is not the one of the copy, so links in mails and suppressed addresses would not be "
            "recognised. Set the right one, or use --other-key"
        )
    manifest = restore_backup(folder, p.db)
    report(
        f"restored {manifest.rows} rows of {manifest.made_at}",
        rows=manifest.rows,
        made_at=str(manifest.made_at),
    )
    if p.db.pending_migrations():
        click.echo("its schema is older than this version: run `dateline db upgrade`", err=True)


def key_check(secret_key: str) -> str:
    """A short hash that tells whether two keys are the same."""
    return hashlib.blake2b(secret_key.encode(), digest_size=8, person=b"dateline-backup").hexdigest()


def _write_key(path: Path, folder: Path, secret_key: str) -> None:
    if path.resolve().is_relative_to(folder.resolve()):
        raise InvalidInputError(f"{path} is in the folder of the copies; the key belongs in another place")
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(secret_key + "\n", encoding="utf-8")
