// SPDX-License-Identifier: Apache-2.0
// A VLAN device for kernels without one: hung into a port, it tags what leaves with VLAN 7 and
// untags what comes. The tag stands beside the frame, as a real one's does (hardware VLAN tag).
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

SEC("push")
int tag(struct __sk_buff* packet) {
    bpf_skb_vlan_push(packet, bpf_htons(0x8100), 7);
    return TC_ACT_OK;
}

SEC("pop")
int untag(struct __sk_buff* packet) {
    if (packet->vlan_present == 0 || (packet->vlan_tci & 0xFFF) != 7) return TC_ACT_SHOT;
    bpf_skb_vlan_pop(packet);
    return TC_ACT_OK;
}

char words[] SEC("license") = "Dual BSD/GPL";
