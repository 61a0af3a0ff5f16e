// SPDX-License-Identifier: Apache-2.0
// What a kernel filter by XDP and a trie of prefixes costs: IPv4 packets of which one end is listed
// are dropped. `pass_all` and `drop_all` show what XDP costs by itself.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct key {
    __u32 length;
    __u32 address; // network order
};

struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(max_entries, 1 << 21);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct key);
    __type(value, __u8);
} listed SEC(".maps");

static __always_inline int is_listed(__u32 address) {
    struct key key = {32, address};
    return bpf_map_lookup_elem(&listed, &key) != 0;
}

SEC("xdp")
int filter(struct xdp_md* context) {
    void* end = (void*)(long)context->data_end;
    struct ethhdr* ethernet = (void*)(long)context->data;
    struct iphdr* ip = (void*)(ethernet + 1);
    if ((void*)(ip + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP)) return XDP_PASS;
    return is_listed(ip->saddr) || is_listed(ip->daddr) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int pass_all(struct xdp_md* context) { return XDP_PASS; }

SEC("xdp")
int drop_all(struct xdp_md* context) { return XDP_DROP; }

char _license[] SEC("license") = "Dual BSD/GPL"; // the kernel's word for: may call every helper
