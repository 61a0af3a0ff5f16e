# SPDX-License-Identifier: Apache-2.0
"""Sweepgate itself in the lab: keys, configuration, and its three programs in the appliance namespace.

The appliance's own home lies in the lab's folder; nothing of the machine's /etc or /var is read or written.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import plan
from policies import open_policy
from process import Program, ProgramFailed
from shell import CommandFailed, run
from topology import Topology

# What each kernel driver of the DPDK gate is called, in the order they are tried.
DRIVERS = ("af_xdp", "af_packet")
_READY_SECONDS = 30.0
_SETTLE_SECONDS = 0.2
_SWEEP_INTERVAL_MS = 500


class Product:
    def __init__(self, lab: Topology, build: Path, catalog: Path, folder: Path) -> None:
        self._lab = lab
        self._build = build
        self._catalog = catalog
        self.home = folder / "appliance"
        self.driver = ""
        self.controller: Program
        self.agent: Program
        self.dataplane: Program
        for name in ("state", "agent", "gate", "sockets"):
            (self.home / name).mkdir(parents=True, mode=0o700)
        self._make_keys()
        self._write_configuration()

    def start_controller(self) -> None:
        self.controller = self._start("sweepgated", ["--config", str(self.home / "sweepgated.toml")])
        self.controller.wait_for("answer to `status`", self._answers, _READY_SECONDS)

    def start_agent(self) -> None:
        self.agent = self._start("sweepgate-agent", ["--config", str(self.home / "agent.toml")])
        self.agent.wait_for("socket for the DPDK gate", self._relays, _READY_SECONDS)

    def start_dataplane(self) -> None:
        """Starts the DPDK gate with the first driver that works here, and stays with that one."""
        *others, last = (self.driver,) if self.driver else DRIVERS
        for driver in others:
            try:
                return self._start_dataplane_with(driver)
            except ProgramFailed as failure:
                print(f"{driver} does not work here, falling back to {last}:\n{failure}", flush=True)
        self._start_dataplane_with(last)

    def _start_dataplane_with(self, driver: str) -> None:
        gate = self._start("sweepgate-dataplane", self._dataplane_arguments(driver))
        try:
            gate.wait_for("word that it forwards", lambda: self._forwards(gate), _READY_SECONDS)
        except ProgramFailed:
            gate.stop()
            raise
        self.dataplane, self.driver = gate, driver

    def push(self, policy: str) -> None:
        path = self.home / "pushed.toml"
        path.write_text(policy, encoding="utf-8")
        self.cli("push", str(path))

    def cli(self, *words: str) -> str:
        return run("ip", "netns", "exec", self._lab.appliance, *self.cli_command(*words))

    def cli_command(self, *words: str) -> list[str]:
        return [self._binary("sweepgate"), "--connect", self._socket("requests"), *words]

    def status(self) -> dict:
        return dict(json.loads(self.cli("status", "--json")))

    def _make_keys(self) -> None:
        run(self._binary("sweepgate"), "keys", "new", str(self.home / "keys"))

    def _write_configuration(self) -> None:
        (self.home / "policy.toml").write_text(open_policy(), encoding="utf-8")
        (self.home / "sweepgated.toml").write_text(self._controller_toml(), encoding="utf-8")
        (self.home / "agent.toml").write_text(self._agent_toml(), encoding="utf-8")

    def _controller_toml(self) -> str:
        return f"""state = "{self.home}/state"
policy = "{self.home}/policy.toml"
catalog = ["{self._catalog}"]
signing_key = "{self.home}/keys/signing.key"

[publish]
updates = ["{self._socket('updates')}"]
requests = ["{self._socket('requests')}"]

[resolver]
servers = ["{plan.DNS.v4}"]
interval_ms = {_SWEEP_INTERVAL_MS}
"""

    def _agent_toml(self) -> str:
        return f"""state = "{self.home}/agent"
verify_key = "{self.home}/keys/signing.key.pub"
name = "lab"

[upstream]
updates = "{self._socket('updates')}"
requests = "{self._socket('requests')}"

[republish]
updates = ["{self._socket('gate-updates')}"]
requests = ["{self._socket('gate-requests')}"]
"""

    def _dataplane_arguments(self, driver: str) -> list[str]:
        return ["--ports", f"{driver}:lan0,{driver}:wan0", "--no-huge", "--memory", "256",
                "--updates", self._socket("gate-updates"),
                "--requests", self._socket("gate-requests"),
                "--state", str(self.home / "gate"), "--verify-key", f"{self.home}/keys/signing.key.pub"]

    def _socket(self, name: str) -> str:
        return f"ipc://{self.home}/sockets/{name}"

    def _binary(self, name: str) -> str:
        return str(self._build / "bin" / name)

    def _start(self, name: str, arguments: list[str]) -> Program:
        return Program(name, self._lab.appliance, [self._binary(name), *arguments], self.home)

    def _answers(self) -> bool:
        try:
            self.status()
        except CommandFailed:
            return False
        return True

    def _relays(self) -> bool:
        return (self.home / "sockets" / "gate-requests").exists()

    def _forwards(self, gate: Program) -> bool:
        time.sleep(_SETTLE_SECONDS)
        return "forwarding" in gate.tail(50)
