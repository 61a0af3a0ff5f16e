# SPDX-License-Identifier: Apache-2.0
"""Sweepgate's own programs on one appliance: keys, configuration, start and end.

The appliance may be a namespace of the lab or this machine; only the Place differs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from process import Program, ProgramFailed, undisturbed
from shell import run, succeeds

# How the DPDK gate takes a kernel interface, in the order they are tried.
DRIVERS = ("af_xdp", "af_packet")
_READY_SECONDS = 30.0


class Place(NamedTuple):
    """Where and for whom the programs run."""

    name: str  # in the fleet
    namespace: str | None  # none: this machine itself
    build: Path
    catalog: Sequence[Path]
    home: Path     # state, keys and configuration
    sockets: Path
    policy: str    # in force until another is pushed
    ports: tuple[str, str] | None  # kernel interfaces or PCI addresses; none: the board names them
    board: Path | None = None
    resolvers: Sequence[str] = ()  # none: those of /etc/resolv.conf
    idle_sleep_us: int = 0  # of the DPDK gate; 0 polls on, for wires with traffic


class Product:
    controller: Program
    agent: Program
    dataplane: Program

    def __init__(self, place: Place) -> None:
        self._place = place
        self.home = place.home
        # Everything ever started, also what never became ready: whoever stops us stops these.
        self.programs: list[Program] = []
        self.driver = ""
        for name in ("state", "agent", "gate", "dpdk"):
            (self.home / name).mkdir(parents=True, mode=0o700, exist_ok=True)
        for name in ("controller", "gates"):
            (place.sockets / name).mkdir(parents=True, mode=0o700, exist_ok=True)
        run(self._binary("sweepgate"), "keys", "new", str(self.home / "keys"))
        self._write("policy.toml", place.policy)
        self._write("sweepgated.toml", self._controller_toml())
        self._write("agent.toml", self._agent_toml())

    def start_controller(self) -> None:
        self.controller = self._start("sweepgated", ["--config", str(self.home / "sweepgated.toml")])
        self.controller.wait_for("answer to `status`", self._answers, _READY_SECONDS)

    def start_agent(self) -> None:
        self.agent = self._start("sweepgate-agent", ["--config", str(self.home / "agent.toml")])
        self.agent.wait_for("word that it is ready", lambda: self.agent.said("ready"), _READY_SECONDS)

    def start_dataplane(self) -> None:
        """Starts the DPDK gate with the first driver that works here, and stays with that one."""
        *others, last = (self.driver,) if self.driver else self._drivers()
        for driver in others:
            try:
                return self._start_dataplane_with(driver)
            except ProgramFailed as failure:
                print(f"{driver} does not work here, falling back to {last}: {failure}", flush=True)
        self._start_dataplane_with(last)

    def push(self, policy: str) -> None:
        path = self._write("pushed.toml", policy)
        self.cli("push", str(path), "--yes", "--wait", "0")  # whoever pushes here looks at the gates himself

    def cli(self, *words: str) -> str:
        return run(*self.cli_command(), *words)

    def cli_command(self) -> list[str]:
        enter = ["ip", "netns", "exec", self._place.namespace] if self._place.namespace else []
        return [*enter, self._binary("sweepgate"), "--connect", self._socket("controller/requests")]

    def status(self) -> dict:
        return dict(json.loads(self.cli("status", "--json")))

    def gates_hold(self, generation: int) -> bool:
        """Both gates have said that they enforce this generation or a later one."""
        held = {gate["kind"]: gate["generation"] for gate in self.status()["gates"]}
        return all(held.get(kind, 0) >= generation for kind in ("dpdk", "nftables"))

    def _drivers(self) -> tuple[str, ...]:
        """A PCI device or a port with its driver in front leaves nothing to choose."""
        if self._place.ports is None or any(":" in port for port in self._place.ports):
            return ("",)
        return DRIVERS

    def _start_dataplane_with(self, driver: str) -> None:
        gate = self._start("sweepgate-dataplane", self._dataplane_arguments(driver))
        try:
            gate.wait_for("word that it forwards", lambda: gate.said("forwarding"), _READY_SECONDS)
        except ProgramFailed:
            gate.stop()
            raise
        self.dataplane, self.driver = gate, driver

    def _dataplane_arguments(self, driver: str) -> list[str]:
        arguments = ["--name", f"{self._place.name}/dpdk", "--updates", self._socket("gates/updates"),
                     "--requests", self._socket("gates/requests"), "--state", str(self.home / "gate"),
                     "--verify-key", f"{self.home}/keys/signing.key.pub",
                     "--idle-sleep-us", str(self._place.idle_sleep_us)]
        if self._place.board:
            arguments += ["--board", str(self._place.board)]
        else:
            arguments += ["--no-huge", "--memory", "256"]
        if self._place.ports:
            named = (f"{driver}:{port}" if driver else port for port in self._place.ports)
            arguments += ["--ports", ",".join(named)]
        return arguments

    def _controller_toml(self) -> str:
        return f"""state = "{self.home}/state"
policy = "{self.home}/policy.toml"
catalog = {json.dumps([str(folder) for folder in self._place.catalog])}
signing_key = "{self.home}/keys/signing.key"

[publish]
updates = ["{self._socket('controller/updates')}"]
requests = ["{self._socket('controller/requests')}"]

[resolver]
servers = {json.dumps(list(self._place.resolvers))}
"""

    def _agent_toml(self) -> str:
        return f"""state = "{self.home}/agent"
verify_key = "{self.home}/keys/signing.key.pub"
name = "{self._place.name}"

[upstream]
updates = "{self._socket('controller/updates')}"
requests = "{self._socket('controller/requests')}"

[republish]
updates = ["{self._socket('gates/updates')}"]
requests = ["{self._socket('gates/requests')}"]
"""

    def _write(self, name: str, text: str) -> Path:
        path = self.home / name
        path.write_text(text, encoding="utf-8")
        return path

    def _socket(self, name: str) -> str:
        return f"ipc://{self._place.sockets}/{name}"

    def _binary(self, name: str) -> str:
        path = self._place.build / "bin" / name
        if not path.exists():
            raise FileNotFoundError(f"{path}: not built")
        return str(path)

    def _start(self, name: str, arguments: list[str]) -> Program:
        # DPDK's files of this run lie with the rest of it.
        environment = {"RUNTIME_DIRECTORY": str(self.home / "dpdk")}
        with undisturbed():
            program = Program(name, self._place.namespace, [self._binary(name), *arguments], self.home,
                              environment)
            self.programs.append(program)
        return program

    def _answers(self) -> bool:
        """Asked with little patience: a controller that refused to start is told of at once."""
        return succeeds(*self.cli_command(), "--timeout", "500", "status")
