"""``hemu docs``: writes the documents that follow from the code."""

from pathlib import Path

import click

from services.documents import DOCUMENTS


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when one is not current.")
@click.option("--folder", default="docs", show_default=True, type=click.Path(path_type=Path))
def docs(folder: Path, *, check: bool) -> None:
    """Write those documents in docs/ anew that follow from the code."""
    stale = []
    for name, write in DOCUMENTS.items():
        path, text = folder / name, write()
        if path.is_file() and path.read_text() == text:
            continue
        if check:
            stale.append(name)
        else:
            path.write_text(text)
            click.echo(f"Written: {path}")
    if stale:
        raise click.ClickException(f"not current, run `hemu docs`: {', '.join(stale)}")
