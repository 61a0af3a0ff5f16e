# SPDX-License-Identifier: Apache-2.0
"""What one can do with a lab that stays up."""

from __future__ import annotations

import shlex

import plan
from product import Product
from topology import Topology


def explain(lab: Topology, product: Product) -> None:
    cli = shlex.join(product.cli_command())
    print(f"""
The lab stays up; Ctrl-C takes it down. To play, in another shell:

  sweepgate() {{ {cli} "$@"; }}
  sweepgate status                         what each gate holds and has stopped
  sweepgate why {plan.IRC.v4:<26} why this address is blocked
  sweepgate sweep {plan.IRC.name:<24} what DNS says of a name
  sweepgate plan {product.home}/pushed.toml
  sweepgate push {product.home}/policy.toml     opens everything again

  ip netns exec {lab.client_a} bash       a shell behind the DPDK gate
  ip netns exec {lab.client_b} bash       a shell behind the nftables gate
  ip netns exec {lab.appliance} nft list ruleset

Inside a client:  exec 3<>/dev/tcp/{plan.IRC.name}/6667 && printf 'NICK me\\r\\nUSER me 0 * :me\\r\\n' >&3 && head -2 <&3
Logs: {product.home} and {product.home.parent}
""", flush=True)
