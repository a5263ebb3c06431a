"""The ids of rows, as arguments of commands."""

import click

from digest.database import MAX_ROW_ID

ROW_ID = click.IntRange(1, MAX_ROW_ID)
