#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Wrong input, and the exact words and exit code that the real programs answer with.

usage: wrong_input_test.py PROGRAMS SOURCE-TREE     (neither root nor a controller)
"""

from __future__ import annotations

import os
import pty
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PROGRAMS = Path()
TREE = Path()

# (what is typed, exit code, what is said on standard error)
LINES = [
    ("sweepgate", 2, "sweepgate: name a command; sweepgate help lists them"),
    ("sweepgate staus", 2, "sweepgate: no command 'staus'; did you mean 'status'?"),
    ("sweepgate stauts --json", 2, "sweepgate: no command 'stauts'; did you mean 'status'?"),
    ("sweepgate blahblah foo", 2, "sweepgate: no command 'blahblah'"),
    ("sweepgate status --jsn", 2, "sweepgate status: no option '--jsn'; did you mean '--json'?"),
    ("sweepgate status --alll --jsn", 2, "sweepgate status: no option '--alll'; did you mean '--all'?"),
    ("sweepgate status --conect x", 2, "sweepgate status: no option '--conect'; did you mean '--connect'?"),
    ("sweepgate status extra", 2, "sweepgate status: 'extra' is an argument too many"),
    ("sweepgate --timeout abc status", 2, "sweepgate status: --timeout: 'abc' is no number"),
    ("sweepgate --timeout 5 status", 2, "sweepgate status: --timeout: 5 is not within 100 to 600000"),
    ("sweepgate --connect", 2, "sweepgate: --connect needs a value"),
    ("sweepgate why", 2, "sweepgate why: name an address, e.g. sweepgate why 203.0.113.7"),
    ("sweepgate history", 2,
     "sweepgate history: name a hostname or an address, e.g. sweepgate history irc.libera.chat"),
    ("sweepgate push", 2,
     "sweepgate push: name a policy file, or - for standard input, e.g. sweepgate push policy.toml"),
    ("sweepgate approve", 2,
     "sweepgate approve: name a system whose addresses are held, e.g. sweepgate approve tox"),
    ("sweepgate top -n abc", 2, "sweepgate top: -n: 'abc' is no number"),
    ("sweepgate top --by clyent", 2,
     "sweepgate top: --by: 'clyent' is not client, system, port, gate or all; did you mean 'client'?"),
    ("sweepgate rollback abc", 2, "sweepgate rollback: 'abc' is no number"),
    ("sweepgate why 999.1.1.1", 2, "sweepgate why: '999.1.1.1' is not an IP address"),
    ("sweepgate history 2001:db8::g", 2, "sweepgate history: '2001:db8::g' is not an IP address"),
    ("sweepgate why 10.0.0.1/8", 2, "sweepgate why: '10.0.0.1/8' has host bits set; its network is 10.0.0.0/8"),
    ("sweepgate keys", 2, None),
    ("sweepgate keys clinet", 2, "sweepgate keys: no command 'clinet'; did you mean 'client'?"),
    ("sweepgate keys client f --name x --role boss", 2,
     "sweepgate keys client: --role: 'boss' is not gate, relay, viewer or admin"),
    ("sweepgate keys client f --name x --role adnim", 2,
     "sweepgate keys client: --role: 'adnim' is not gate, relay, viewer or admin; did you mean 'admin'?"),
    ("sweepgate keys client f", 2, "sweepgate keys client: --name is missing"),
    ("sweepgate help staus", 2, "sweepgate help: no command 'staus'; did you mean 'status'?"),
    ("sweepgate plan --at noonish", 2,
     "sweepgate plan: --at: 'noonish' is no time like 'mon 12:30', '2026-11-30T12:30' or 'now'"),
    ("sweepgate push /nonexistent/p.toml", 1, "sweepgate: /nonexistent/p.toml: No such file or directory"),
    ("sweepgate status --connect udp://x", 1, None),
    ("sweepgate status --connect ipc:///nonexistent/requests", 3,
     "sweepgate: no socket /nonexistent/requests: is sweepgated running? systemctl status sweepgated"),
    ("sweepgate --connect ipc:///nonexistent/requests status --json", 3,
     "sweepgate: no socket /nonexistent/requests: is sweepgated running? systemctl status sweepgated"),
    ("sweepgate status --context x", 2, None),
    ("sweepgate sweep 203.0.113.7", 2,
     "sweepgate sweep: 203.0.113.7 is an address, and a sweep asks for names; sweepgate why 203.0.113.7 and "
     "sweepgate history 203.0.113.7 tell what is known of it"),
    ("sweepgate sweep https://203.0.113.7/x", 2, None),
    ("sweepgated --confg x", 2, "sweepgated: no option '--confg'; did you mean '--config'?"),
    ("sweepgated --config /nonexistent.toml", 1, "sweepgated: /nonexistent.toml: No such file or directory"),
    ("sweepgate-agent --flsh", 2, "sweepgate-agent: no option '--flsh'; did you mean '--flush'?"),
    ("sweepgate-agent --config /nonexistent.toml", 1,
     "sweepgate-agent: /nonexistent.toml: No such file or directory"),
    ("sweepgate-dataplane --prots a,b", 2, "sweepgate-dataplane: no option '--prots'; did you mean '--ports'?"),
    ("sweepgate-dataplane", 2, "sweepgate-dataplane: no ports: give --ports A,B or a --board with pairs"),
    ("sweepgate-dataplane --ports a", 2, "sweepgate-dataplane: --ports a: ports come in pairs"),
    ("sweepgate-dataplane --on-exit open --ports a,b", 2,
     "sweepgate-dataplane: --on-exit: 'open' is not bypass or closed"),
    ("sweepgate-dataplane --mtu x --ports a,b", 2, "sweepgate-dataplane: --mtu: 'x' is no number"),
    ("sweepgate-dataplane --board /nonexistent.toml", 2,
     "sweepgate-dataplane: /nonexistent.toml: No such file or directory"),
]

POLICY = """[systems]
whatsap = "block"
irc = "blok"
telegram = "drop"
[categories]
corprate = "pass"
[[schedule]]
name = "work"
frm = "08:00"
to = "17:00"
clock = "utx"
action = "block"
[[sanctioned]]
name = "x"
prefixes = ["10.0.0.1/8"]
[defaultz]
"""

# With the file's name in front of each.
POLICY_FAULTS = [
    "2:1: unknown system 'whatsap'; did you mean 'whatsapp'?",
    "3:7: irc = 'blok' is not pass, monitor, limit, reject, block or sanction; did you mean 'block'?",
    "4:12: telegram = 'drop' is not pass, monitor, limit, reject, block or sanction; did you mean 'block'?",
    "6:1: unknown category 'corprate'; did you mean 'corporate'?",
    "9:1: unknown key 'frm'; did you mean 'from'?",
    "11:9: clock = 'utx' is not local or utc; did you mean 'utc'?",
    "15:13: '10.0.0.1/8' has host bits set; its network is 10.0.0.0/8",
    "16:2: unknown table 'defaultz'; did you mean 'defaults'?",
]


def environment(**more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SWEEPGATE_", "XDG_", "LC_"))}
    return {**kept, "HOME": "/dev/null/home", "LANG": "C", **more}


def run(line: list[str], **more: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(PROGRAMS / line[0]), *line[1:]], capture_output=True, text=True, timeout=30,
                          check=False, stdin=subprocess.DEVNULL, env=environment(**more))


def on_terminal(line: list[str]) -> str:
    """What stands on a terminal of 80 columns."""
    master, slave = pty.openpty()
    process = subprocess.Popen([str(PROGRAMS / line[0]), *line[1:]], stdin=slave, stdout=slave, stderr=slave,
                               env=environment(TERM="xterm", COLUMNS="80"), close_fds=True)
    os.close(slave)
    text = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:
            break
        if not piece:
            break
        text += piece
    os.close(master)
    process.wait(timeout=30)
    return text.decode().replace("\r\n", "\n")


class WrongLines(unittest.TestCase):
    def test_says_what_is_wrong_and_ends_with_its_exit_code(self) -> None:
        for columns in ("60", "80", "132"):
            for typed, code, words in LINES:
                with self.subTest(typed=typed, columns=columns):
                    answer = run(typed.split(), COLUMNS=columns)
                    told = " ".join(answer.stderr.split())
                    self.assertEqual(answer.returncode, code, told)
                    self.assertEqual(answer.stdout, "")
                    self.assertTrue(answer.stderr.isascii())
                    if words is None:
                        self.assertTrue(told.startswith(typed.split()[0]), told)
                    else:
                        self.assertEqual(told, words)

    def test_every_command_has_three_examples_and_every_example_is_one(self) -> None:
        listed = re.findall(r"^  ([a-z]+) ", run(["sweepgate", "--help"]).stdout, re.M)
        self.assertGreater(len(listed), 15)
        for command in listed:
            page = run(["sweepgate", "help", command]).stdout
            self.assertEqual(page, run(["sweepgate", command, "--help"]).stdout)
            examples = re.findall(r"^  sweepgate (.*)$", page.split("Examples:")[-1], re.M)
            self.assertGreaterEqual(len(examples), 3, page)
            for example in examples:
                words = example.split()
                self.assertIn(command, words[:2] + [words[-1]], example)

    def test_version_names_commit_and_schema(self) -> None:
        for program in ("sweepgate", "sweepgated", "sweepgate-agent", "sweepgate-dataplane"):
            text = run([program, "--version"]).stdout.strip()
            self.assertRegex(text, rf"^{program} [0-9.]+ \(git ([0-9a-f]{{7,}}(-dirty)?|unknown), wire schema \d+\)$")


class WrongFiles(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory(prefix="sg-wrong-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def sweep_with(self, policy: str) -> list[str]:
        return ["sweepgate", "sweep", "irc.example", "--catalog", str(TREE / "catalog"), "--policy", policy]

    def test_tells_every_fault_of_a_policy(self) -> None:
        path = self.write("bad1.toml", POLICY)
        answer = run(self.sweep_with(path))
        self.assertEqual(answer.stderr.splitlines(), [f"{path}:{fault}" for fault in POLICY_FAULTS])
        self.assertEqual(answer.returncode, 2)

    def test_shows_line_and_caret_on_a_terminal(self) -> None:
        path = self.write("b.toml", '[systems]\nwhatsap = "block"\n')
        told = on_terminal(self.sweep_with(path))
        self.assertIn('  whatsap = "block"\n  ^~~~~~~\n', told)

    def test_tells_every_fault_of_the_other_files(self) -> None:
        for program, text, faults in (
                ("sweepgated", 'stat = "/x"\n[resolver]\nbudjet = 3\nwindow = 9000\n',
                 ["1:1: unknown key 'stat'; did you mean 'state'?",
                  "3:1: unknown key 'budjet'; did you mean 'budget'?", "4:10: window = 9000 is not within 0..8192"]),
                ("sweepgate-agent", 'nmae = "x"\nnftables = "yes"\nmanagement = ["10.0.0.1/8"]\n',
                 ["1:1: unknown key 'nmae'; did you mean 'name'?", "2:12: 'nftables' must be true or false",
                  "3:15: management: '10.0.0.1/8' has host bits set; its network is 10.0.0.0/8"])):
            path = self.write(program + ".toml", text)
            answer = run([program, "--config", path])
            self.assertEqual(answer.stderr.splitlines(), [f"{path}:{fault}" for fault in faults])
            self.assertEqual(answer.returncode, 1)

    def test_tells_every_fault_of_authorized_keys(self) -> None:
        path = self.write("authorized_keys", "gat a short\nadmin b/c\n")
        answer = run(["sweepgate", "keys", "list", "--file", path])
        self.assertEqual(answer.stderr.splitlines(),
                         [f"{path}:1:1: role 'gat' is not gate, relay, viewer or admin; did you mean 'gate'?",
                          f"{path}:1:7: 'short' is not a Z85 key",
                          f"{path}:2:1: 2 word(s), expected role, name and public key"])

    def test_faults_never_steer_the_terminal(self) -> None:
        path = self.write("evil.toml", '"k\\u001b]0;pwned\\u0007\\u009b" = 1\n')
        for told in (run(self.sweep_with(path)).stderr, on_terminal(self.sweep_with(path))):
            self.assertNotRegex(told, "[\x00-\x08\x0b-\x1f\x7f-\x9f]")
            self.assertIn("unknown key 'k?]0;pwned??'", told)

    def test_dotted_keys_without_end_are_refused(self) -> None:
        path = self.write("deep.toml", "a" + ".a" * 40_000 + " = 1\n")
        answer = run(self.sweep_with(path))
        self.assertEqual(answer.returncode, 2, answer.stderr)
        self.assertIn(f"{path}:1:2: a key of more than 16 dotted parts", answer.stderr)


class Keys(unittest.TestCase):
    def test_are_made_authorized_listed_and_revoked(self) -> None:
        with tempfile.TemporaryDirectory(prefix="sg-keys-") as folder:
            key, listed = f"{folder}/alice.key", f"{folder}/authorized_keys"
            Path(listed).write_text("# who\n")
            made = run(["sweepgate", "keys", "client", key, "--role", "admin", "--name", "alice"])
            self.assertEqual(made.returncode, 0, made.stderr)
            fingerprint = re.search(r"fingerprint ([0-9a-f]{16})", made.stdout).group(1)
            line = made.stdout.splitlines()[-1].replace("/etc/sweepgate/keys/authorized_keys", listed)
            subprocess.run(["sh", "-c", line], check=True)
            shown = run(["sweepgate", "keys", "list", "--file", listed]).stdout
            self.assertRegex(shown, rf"admin +alice +{fingerprint}")
            again = run(["sweepgate", "keys", "authorize", key + ".pub", "--role", "viewer", "--name", "bob",
                         "--file", listed])
            self.assertEqual(again.returncode, 1)
            self.assertIn("the key is already given to admin alice", again.stderr)
            gone = run(["sweepgate", "keys", "revoke", fingerprint, "--file", listed])
            self.assertEqual(gone.returncode, 0, gone.stderr)
            self.assertEqual(Path(listed).read_text(), "# who\n")
            added = run(["sweepgate", "keys", "authorize", key + ".pub", "--role", "viewer", "--name", "bob",
                         "--file", listed])
            self.assertEqual(added.returncode, 0, added.stderr)
            self.assertRegex(Path(listed).read_text(), r"^# who\nviewer bob \S{40} # since \d{4}-\d\d-\d\d\n$")


class Connections(unittest.TestCase):
    def curve(self, folder: str) -> list[str]:
        run(["sweepgate", "keys", "client", f"{folder}/a.key", "--name", "a"])
        run(["sweepgate", "keys", "client", f"{folder}/b.key", "--name", "b"])
        return ["--key", f"{folder}/a.key", "--server-key", f"{folder}/b.key.pub"]

    def test_a_refused_port_is_told_at_once(self) -> None:
        with tempfile.TemporaryDirectory() as folder, socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            endpoint = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
            begun = time.monotonic()
            answer = run(["sweepgate", "--connect", endpoint, *self.curve(folder), "status"])
            self.assertEqual(answer.returncode, 3)
            self.assertEqual(answer.stderr, f"sweepgate: {endpoint}: connection refused: nothing listens on that port\n")
            self.assertLess(time.monotonic() - begun, 5)

    def test_one_that_says_nothing_is_told_from_one_that_is_not_there(self) -> None:
        with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as silent:
            endpoint = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
            answer = run(["sweepgate", "--connect", endpoint, "--timeout", "500", *self.curve(folder), "status"])
            self.assertEqual(answer.returncode, 3)
            self.assertIn("connected, but no handshake within 500 ms", answer.stderr)

    def test_a_socket_that_nobody_listens_on_is_told_at_once(self) -> None:
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as left:
            left.bind(f"{folder}/requests")
            answer = run(["sweepgate", "--connect", f"ipc://{folder}/requests", "status"])
            self.assertEqual(answer.returncode, 3)
            self.assertIn(f"nobody listens on {folder}/requests", answer.stderr)


class Completion(unittest.TestCase):
    """The shells' own files with the real shells."""

    def completed(self, shell: str, *words: str) -> set[str]:
        folder = TREE / "images" / "completion"
        program, line = str(PROGRAMS / "sweepgate"), ["sweepgate", *words]
        quoted = " ".join(f"'{word}'" for word in line)
        script = {
            "bash": f"source {folder}/sweepgate; COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; "
                    "_sweepgate; printf '%s\\n' \"${COMPREPLY[@]}\"",
            "zsh": "compadd() { printf '%s\\n' \"${(@)found}\" }; _files() { ls }; "
                   f"words=({quoted}); CURRENT={len(line)}; source {folder}/_sweepgate",
            "fish": f"source {folder}/sweepgate.fish; complete -C \"{' '.join(line)}\"",
        }[shell]
        path = f"{Path(program).parent}:{os.environ['PATH']}"
        done = subprocess.run([shell, "-c", script], capture_output=True, text=True, timeout=30, check=True,
                              env=environment(PATH=path), cwd=TREE / "images")
        return {word.split("\t")[0] for word in done.stdout.splitlines() if word}

    def test_knows_commands_options_values_and_files(self) -> None:
        for shell in ("bash", "zsh", "fish"):
            with self.subTest(shell=shell):
                self.assertEqual(self.completed(shell, "stat"), {"status"})
                self.assertEqual(self.completed(shell, "keys", "cl"), {"client"})
                self.assertEqual(self.completed(shell, "top", "--by", ""), {"client", "system", "port", "gate", "all"})
                self.assertEqual(self.completed(shell, "status", "--al"), {"--all"})
                self.assertEqual(self.completed(shell, "help", "pu"), {"push"})
                self.assertIn("README.md", self.completed(shell, "push", "README"))


class Contexts(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory(prefix="sg-contexts-")
        self.addCleanup(holder.cleanup)
        self.home = holder.name
        (Path(self.home) / "sweepgate").mkdir()
        self.write('current = "a"\n[[context]]\nname = "a"\nconnect = "ipc:///nonexistent/a"\n'
                   '[[context]]\nname = "b"\nconnect = "ipc:///nonexistent/b"\n')

    def write(self, text: str) -> None:
        (Path(self.home) / "sweepgate" / "config.toml").write_text(text)

    def asked(self, *words: str, **more: str) -> str:
        return run(["sweepgate", *words, "status"], XDG_CONFIG_HOME=self.home, **more).stderr

    def test_count_below_what_is_typed_and_above_the_default(self) -> None:
        self.assertIn("/nonexistent/a:", self.asked())
        self.assertIn("/nonexistent/b:", self.asked(SWEEPGATE_CONTEXT="b"))
        self.assertIn("/nonexistent/c:", self.asked(SWEEPGATE_CONNECT="ipc:///nonexistent/c"))
        self.assertIn("/nonexistent/b:", self.asked("--context", "b", SWEEPGATE_CONNECT="ipc:///nonexistent/c"))
        self.assertIn("/nonexistent/d:", self.asked("--connect", "ipc:///nonexistent/d", "--context", "b"))
        self.assertIn("no context 'bb' in", self.asked("--context", "bb"))
        self.write('[[context]]\nname = "branch"\nconnect = "ipc:///nonexistent/b"\n')
        self.assertIn("did you mean 'branch'?", self.asked("--context", "brnch"))

    def test_are_listed(self) -> None:
        shown = run(["sweepgate", "contexts"], XDG_CONFIG_HOME=self.home).stdout
        self.assertRegex(shown, r"\* +a +ipc:///nonexistent/a\n +b +ipc:///nonexistent/b")

    def test_are_read_strictly(self) -> None:
        self.write('curent = "a"\n[[context]]\nname = "a"\nconnect = "tcp://192.0.2.1:1"\n')
        told = self.asked()
        self.assertIn("config.toml:1:1: unknown key 'curent'; did you mean 'current'?", told)
        self.assertIn("config.toml:2:1: context 'a' is reached over tcp://: it needs key and server_key", told)


if __name__ == "__main__":
    PROGRAMS, TREE = (Path(argument) for argument in sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
