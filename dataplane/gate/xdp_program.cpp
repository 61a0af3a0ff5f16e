// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/xdp_program.hpp"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

namespace sweepgate::gate {

namespace {

// Linux 6.3; newer than the headers of Debian 12.
constexpr __u32 kBoundToDevice = 1U << 6U;

// The kernel gives its functions to such programs only.
constexpr const char* kLicense = "Dual BSD/GPL";

tl::unexpected<Error> refuse(const KernelInterface& interface, const std::string& what) {
    return fail(Errc::unavailable,
                "interface " + interface.name() + ": " + what + ": " + errno_text(errno));
}

constexpr const char* kTagProgram = "sweepgate_tags"; // the kernel keeps 15 bytes

constexpr std::uint8_t code(unsigned bits) { return static_cast<std::uint8_t>(bits); }

/// The instructions that are used here, by the assembler's words (linux/bpf.h).
constexpr bpf_insn step(unsigned bits, unsigned to, unsigned from, int offset, int value) {
    bpf_insn one{};
    one.code = code(bits);
    one.dst_reg = to & 0xFU;
    one.src_reg = from & 0xFU;
    one.off = static_cast<__s16>(offset);
    one.imm = value;
    return one;
}
constexpr bpf_insn move(unsigned to, unsigned from) {
    return step(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0);
}
constexpr bpf_insn set(unsigned to, int value) {
    return step(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, value);
}
constexpr bpf_insn add(unsigned to, int value) {
    return step(BPF_ALU64 | BPF_ADD | BPF_K, to, 0, 0, value);
}
constexpr bpf_insn load(unsigned size, unsigned to, unsigned from, int offset) {
    return step(BPF_LDX | size | BPF_MEM, to, from, offset, 0);
}
constexpr bpf_insn store(unsigned size, unsigned to, int offset, unsigned from) {
    return step(BPF_STX | size | BPF_MEM, to, from, offset, 0);
}
constexpr bpf_insn zero(int offset) {
    return step(BPF_ST | BPF_DW | BPF_MEM, BPF_REG_10, 0, offset, 0);
}
constexpr bpf_insn call(int helper) { return step(BPF_JMP | BPF_CALL, 0, 0, 0, helper); }
constexpr bpf_insn call_kernel(int function) {
    return step(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, function);
}
constexpr bpf_insn leave() { return step(BPF_JMP | BPF_EXIT, 0, 0, 0, 0); }
constexpr bpf_insn map_low(unsigned to, int map) {
    return step(BPF_LD | BPF_DW | BPF_IMM, to, BPF_PSEUDO_MAP_FD, 0, map);
}
constexpr bpf_insn map_high() { return step(0, 0, 0, 0, 0); }

constexpr unsigned kContext = BPF_REG_6;
constexpr int kQueue = -8; // on the stack
constexpr int kProtocol = -16;
constexpr int kTag = -24;
constexpr int kTagBytes = 4;
constexpr int kTypeOffset = 12; // of an Ethernet header

/// What becomes of a frame:
///   no socket reads its queue   on to the kernel, as it is
///   a tag beside it             the tag behind its addresses (IEEE 802.1Q, 9.6), then to the
///   socket no room for the tag         dropped: without it, it would be another VLAN's else to the
///   socket
std::vector<bpf_insn> keep_tags(int sockets, int tag_function) {
    constexpr int kPass = 33; // index of the step
    constexpr int kDrop = 35;
    constexpr int kRedirect = 27;
    const auto jump_to = [](int from, int to) { return to - from - 1; };
    return {
        /* 0*/ move(kContext, BPF_REG_1),
        /* 1*/ load(BPF_W, BPF_REG_2, kContext, offsetof(xdp_md, rx_queue_index)),
        /* 2*/ store(BPF_W, BPF_REG_10, kQueue, BPF_REG_2),
        /* 3*/ zero(kProtocol),
        /* 4*/ zero(kTag),
        /* 5*/ map_low(BPF_REG_1, sockets),
        /* 6*/ map_high(),
        /* 7*/ move(BPF_REG_2, BPF_REG_10),
        /* 8*/ add(BPF_REG_2, kQueue),
        /* 9*/ call(BPF_FUNC_map_lookup_elem),
        /*10*/ step(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, jump_to(10, kPass), 0),
        /*11*/ move(BPF_REG_1, kContext),
        /*12*/ move(BPF_REG_2, BPF_REG_10),
        /*13*/ add(BPF_REG_2, kProtocol),
        /*14*/ move(BPF_REG_3, BPF_REG_10),
        /*15*/ add(BPF_REG_3, kTag),
        /*16*/ call_kernel(tag_function),
        /*17*/ step(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, jump_to(17, kRedirect), 0),
        /*18*/ move(BPF_REG_1, kContext),
        /*19*/ set(BPF_REG_2, -kTagBytes),
        /*20*/ call(BPF_FUNC_xdp_adjust_head),
        /*21*/ step(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, jump_to(21, kDrop), 0),
        /*22*/ load(BPF_W, BPF_REG_1, kContext, offsetof(xdp_md, data)),
        /*23*/ load(BPF_W, BPF_REG_2, kContext, offsetof(xdp_md, data_end)),
        /*24*/ move(BPF_REG_3, BPF_REG_1),
        /*25*/ add(BPF_REG_3, kTypeOffset + kTagBytes + 2),
        /*26*/ step(BPF_JMP | BPF_JLE | BPF_X, BPF_REG_3, BPF_REG_2, jump_to(26, 37), 0),
        /*27*/ load(BPF_W, BPF_REG_2, kContext, offsetof(xdp_md, rx_queue_index)),
        /*28*/ map_low(BPF_REG_1, sockets),
        /*29*/ map_high(),
        /*30*/ set(BPF_REG_3, XDP_PASS),
        /*31*/ call(BPF_FUNC_redirect_map),
        /*32*/ leave(),
        /*33*/ set(BPF_REG_0, XDP_PASS),
        /*34*/ leave(),
        /*35*/ set(BPF_REG_0, XDP_DROP),
        /*36*/ leave(),
        /*37*/ load(BPF_W, BPF_REG_3, BPF_REG_1, kTagBytes),
        /*38*/ store(BPF_W, BPF_REG_1, 0, BPF_REG_3),
        /*39*/ load(BPF_W, BPF_REG_3, BPF_REG_1, kTagBytes + 4),
        /*40*/ store(BPF_W, BPF_REG_1, 4, BPF_REG_3),
        /*41*/ load(BPF_W, BPF_REG_3, BPF_REG_1, kTagBytes + 8),
        /*42*/ store(BPF_W, BPF_REG_1, 8, BPF_REG_3),
        /*43*/ load(BPF_H, BPF_REG_3, BPF_REG_10, kProtocol),
        /*44*/ store(BPF_H, BPF_REG_1, kTypeOffset, BPF_REG_3),
        /*45*/ load(BPF_H, BPF_REG_3, BPF_REG_10, kTag),
        /*46*/ step(BPF_ALU | BPF_END | BPF_TO_BE, BPF_REG_3, 0, 0, 16),
        /*47*/ store(BPF_H, BPF_REG_1, kTypeOffset + 2, BPF_REG_3),
        /*48*/ step(BPF_JMP | BPF_JA, 0, 0, jump_to(48, kRedirect), 0),
    };
}

struct FreeBtf {
    void operator()(btf* types) const noexcept { btf__free(types); }
};

/// The kernel's number of the function that tells a frame's tag; negative when it has none.
int tag_function() {
    const std::unique_ptr<btf, FreeBtf> types(btf__load_vmlinux_btf());
    if (!types) return -1;
    return btf__find_by_name_kind(types.get(), "bpf_xdp_metadata_rx_vlan_tag", BTF_KIND_FUNC);
}

Descriptor load_program(const char* name, std::span<const bpf_insn> steps, __u32 flags,
                        __u32 interface) {
    bpf_prog_load_opts options{};
    options.sz = sizeof options;
    options.expected_attach_type = BPF_XDP;
    options.prog_flags = flags;
    options.prog_ifindex = interface;
    return Descriptor(
        bpf_prog_load(BPF_PROG_TYPE_XDP, name, kLicense, steps.data(), steps.size(), &options));
}

/// Of what this process has open, a copy of the first that fits: to open a program or a map by its
/// number takes CAP_SYS_ADMIN, and net_af_xdp has them open.
template <typename Fits>
Descriptor find_open(Fits fits) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
        const int number = std::atoi(entry.path().filename().c_str());
        if (fits(number)) return Descriptor(fcntl(number, F_DUPFD_CLOEXEC, 0));
    }
    return Descriptor();
}

template <typename Info>
bool tells(int number, Info& info) {
    __u32 size = sizeof info;
    return bpf_obj_get_info_by_fd(number, &info, &size) == 0;
}

/// The kernel says of a descriptor's kind only in its name.
bool is_bpf(int number, std::string_view kind) {
    std::error_code error;
    const auto link =
        std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(number), error);
    return !error && link == "anon_inode:bpf-" + std::string(kind);
}

Descriptor find_program(__u32 id) {
    return find_open([&](int number) {
        bpf_prog_info info{};
        return is_bpf(number, "prog") && tells(number, info) && info.id == id;
    });
}

/// The map of sockets of net_af_xdp's program.
Descriptor find_sockets(int program) {
    std::array<__u32, 16> ids{};
    bpf_prog_info info{};
    info.nr_map_ids = ids.size();
    info.map_ids = reinterpret_cast<std::uintptr_t>(ids.data());
    if (!tells(program, info)) return Descriptor();
    const auto used = std::span(ids).first(std::min<std::size_t>(info.nr_map_ids, ids.size()));
    return find_open([&](int number) {
        bpf_map_info map{};
        return is_bpf(number, "map") && tells(number, map) && map.type == BPF_MAP_TYPE_XSKMAP &&
               std::ranges::find(used, map.id) != used.end();
    });
}

} // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}
Descriptor::~Descriptor() {
    if (number_ >= 0) close(number_);
}

Result<Descriptor> attach_pass(const KernelInterface& interface) {
    const std::array steps{set(BPF_REG_0, XDP_PASS), leave()};
    // Jumbo frames lie in several pages; kernels before 5.18 know no such programs.
    auto program = load_program("sweepgate_pass", steps, BPF_F_XDP_HAS_FRAGS, 0);
    if (!program) program = load_program("sweepgate_pass", steps, 0, 0);
    if (!program) return refuse(interface, "no XDP program");
    bpf_link_create_opts options{};
    options.sz = sizeof options;
    options.flags = XDP_FLAGS_DRV_MODE;
    Descriptor link(
        bpf_link_create(program.get(), static_cast<int>(interface.index()), BPF_XDP, &options));
    if (!link) return refuse(interface, "an XDP program cannot be attached");
    return link;
}

Result<TagKeeper> TagKeeper::attach(const KernelInterface& interface) {
    const auto index = static_cast<int>(interface.index());
    const int function = tag_function();
    if (function < 0) {
        errno = ENOTSUP;
        return refuse(interface, "this kernel tells XDP no VLAN tag");
    }
    bpf_xdp_query_opts found{};
    found.sz = sizeof found;
    if (bpf_xdp_query(index, 0, &found) != 0 || found.drv_prog_id == 0) {
        errno = ENOTSUP;
        return refuse(interface, "AF_XDP is not in its driver");
    }
    auto former = find_program(found.drv_prog_id);
    const auto sockets = former ? find_sockets(former.get()) : Descriptor();
    if (!sockets) return refuse(interface, "no sockets in its XDP program");
    const auto steps = keep_tags(sockets.get(), function);
    Descriptor own(load_program(kTagProgram, steps, kBoundToDevice, static_cast<__u32>(index)));
    if (!own) return refuse(interface, "the kernel takes no program that reads VLAN tags");
    bpf_xdp_attach_opts replaced{};
    replaced.sz = sizeof replaced;
    replaced.old_prog_fd = former.get();
    if (bpf_xdp_attach(index, own.get(), XDP_FLAGS_DRV_MODE | XDP_FLAGS_REPLACE, &replaced) != 0)
        return refuse(interface, "a program that reads VLAN tags cannot be attached");
    return TagKeeper(index, std::move(former), std::move(own));
}

void TagKeeper::remove_leftover(const KernelInterface& interface) {
    const auto index = static_cast<int>(interface.index());
    bpf_xdp_query_opts found{};
    found.sz = sizeof found;
    if (bpf_xdp_query(index, 0, &found) != 0 || found.drv_prog_id == 0) return;
    const Descriptor program(bpf_prog_get_fd_by_id(found.drv_prog_id));
    bpf_prog_info info{};
    __u32 size = sizeof info;
    if (!program || bpf_obj_get_info_by_fd(program.get(), &info, &size) != 0) return;
    if (std::string_view(info.name) == kTagProgram)
        bpf_xdp_detach(index, XDP_FLAGS_DRV_MODE, nullptr);
}

TagKeeper::TagKeeper(int interface, Descriptor former, Descriptor own)
    : interface_(interface), former_(std::move(former)), own_(std::move(own)) {}

TagKeeper::~TagKeeper() {
    if (!own_) return; // moved from
    bpf_xdp_attach_opts replaced{};
    replaced.sz = sizeof replaced;
    replaced.old_prog_fd = own_.get();
    bpf_xdp_attach(interface_, former_.get(), XDP_FLAGS_DRV_MODE | XDP_FLAGS_REPLACE, &replaced);
}

} // namespace sweepgate::gate
