"""``tiemchung vault``: the sealed deliveries."""

from __future__ import annotations

import typer

from orchestration.terminal import Home, Json, settings_of, show

app = typer.Typer(no_args_is_help=True, help="Kho niêm phong · the vault of sealed deliveries.")


@app.callback()
def vault() -> None:
    """Kho niêm phong · the vault of sealed deliveries."""


@app.command("verify")
def vault_verify(home: Home = None, as_json: Json = False) -> None:
    """Kiểm tra kho · read every object of the vault; exit 1 when one is changed, missing or extra."""
    from handover.soundness import examine
    from orchestration import console

    found = examine(settings_of(home).vault)
    show(found.as_json(), as_json, "\n".join(console.vault_lines(found)))
    raise typer.Exit(0 if found.is_sound else 1)
