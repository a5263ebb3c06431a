"""Containerfile, compose.yaml and the example for Kubernetes: settings, commands, paths and files exist."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from digest import __version__
from digest.cli.main import load_command
from digest.project_files import ROOT
from digest.settings import Settings

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
KUBERNETES = {
    (item["kind"], item["metadata"]["name"]): item
    for item in yaml.safe_load((ROOT / "docs" / "examples" / "kubernetes.yaml").read_text())["items"]
}
STEPS = re.sub(r"\\\n", " ", (ROOT / "Containerfile").read_text()).splitlines()
OWN_SERVICES = ("migrate", "web", "worker", "beat")


def pods() -> dict[str, Any]:
    """The templates of the example's pods by name."""
    return {
        name: item["spec"]["template"]["spec"]
        for (kind, name), item in KUBERNETES.items()
        if kind in ("Deployment", "Job")
    }


def own_commands() -> Iterator[list[str]]:
    """The commands that containers of Dateline run."""
    yield json.loads(next(line for line in STEPS if line.startswith("CMD")).removeprefix("CMD"))
    yield from (COMPOSE["services"][name]["command"] for name in OWN_SERVICES if name != "web")
    for pod in pods().values():
        yield from (container["command"] for container in pod["containers"] if "command" in container)


@pytest.mark.parametrize("command", list(own_commands()), ids=" ".join)
def test_every_command_exists(command: list[str]) -> None:
    words = shlex.split(shlex.join(command))
    if words[0] == "dateline":
        group = load_command(words[1])
        assert len(words) == 2 or words[2] in group.commands  # type: ignore[attr-defined]
        return
    module, _, name = next(word for word in words if word.startswith("digest.")).partition(":")
    assert words[0] in ("gunicorn", "celery")
    assert (ROOT / f"{module.replace('.', '/')}.py").read_text().count(f"\n{name or 'celery'} = ") == 1
    if "--worker-class" in words:
        worker_module, _, worker = words[words.index("--worker-class") + 1].rpartition(".")
        assert hasattr(import_module(worker_module), worker)


def test_every_environment_variable_is_a_setting() -> None:
    secret = {spec.metadata["name"] + "_FILE" for spec in fields(Settings) if spec.metadata["secret"]}
    names = {spec.metadata["name"] for spec in fields(Settings)} | secret
    given = {*COMPOSE["x-dateline"]["environment"], *KUBERNETES["ConfigMap", "dateline"]["data"]}
    assert given - names == set()
    assert {"DATABASE_URL_FILE", "SECRET_KEY_FILE", "REDIS_URL", "SMTP_URL"} <= given


def test_what_is_copied_into_the_image_exists_and_is_not_ignored() -> None:
    copied = {
        word
        for line in STEPS
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    }
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")}
    assert copied == allowed
    assert {name for name in copied if not (ROOT / name).exists()} == set()


def test_processes_have_no_rights_that_they_do_not_need() -> None:
    assert "USER 10001:10001" in STEPS
    for name in OWN_SERVICES:
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "user" not in service
    for pod in pods().values():
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in pod["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_nothing_is_published_beyond_this_machine() -> None:
    published = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert len(published) == 2
    assert all(port.startswith("127.0.0.1:") for port in published)
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert {COMPOSE["services"][name]["networks"][0] for name in ("database", "broker")} == {"inside"}


def test_probes_ask_addresses_that_exist(app: Flask) -> None:
    (web,) = pods()["dateline-web"]["containers"]
    probes = [web[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")]
    known = {rule.rule for rule in app.url_map.iter_rules()}
    assert {probe["path"] for probe in probes} == {"/healthz", "/readyz"} <= known
    headers = {header["name"]: header["value"] for probe in probes for header in probe["httpHeaders"]}
    assert app.test_client().get("/healthz", headers=headers).status_code == 200
    assert any("/healthz" in line for line in STEPS if line.lstrip().startswith(("HEALTHCHECK", "CMD")))


def test_every_image_of_dateline_is_this_version() -> None:
    texts = [Path(ROOT, name).read_text() for name in ("compose.yaml", "docs/examples/kubernetes.yaml")]
    assert {tag for text in texts for tag in re.findall(r"dateline:(\d+\.\d+\.\d+)", text)} == {__version__}
