// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/paths.hpp"

#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <functional>
#include <string_view>

#include "controlplane/nftables/socket.hpp"

namespace sweepgate::nftables {

namespace {

constexpr std::size_t kLinkBytes = 65'536;

using Attribute = std::function<void(const nlattr&)>;

/// mnl_attr_for_each() is C only.
void each_attribute(const char* begin, const char* end, const Attribute& visit) {
    while (true) {
        const auto* attribute = reinterpret_cast<const nlattr*>(begin);
        if (!mnl_attr_ok(attribute, static_cast<int>(end - begin))) return;
        visit(*attribute);
        begin = reinterpret_cast<const char*>(mnl_attr_next(attribute));
    }
}
void each_inside(const nlattr& nest, const Attribute& visit) {
    const auto* begin = static_cast<const char*>(mnl_attr_get_payload(&nest));
    each_attribute(begin, begin + mnl_attr_get_payload_len(&nest), visit);
}

std::string text_of(const nlattr& attribute) {
    const std::string_view value(static_cast<const char*>(mnl_attr_get_payload(&attribute)),
                                 mnl_attr_get_payload_len(&attribute));
    return std::string(value.substr(0, value.find('\0')));
}

void take_link(const nlmsghdr& message, Paths& paths) {
    std::string name;
    std::string kind;
    std::string port_of;
    bool has_program = false;
    const auto* begin =
        static_cast<const char*>(mnl_nlmsg_get_payload_offset(&message, sizeof(ifinfomsg)));
    const auto* end = static_cast<const char*>(mnl_nlmsg_get_payload_tail(&message));
    each_attribute(begin, end, [&](const nlattr& attribute) {
        const auto type = mnl_attr_get_type(&attribute);
        if (type == IFLA_IFNAME) name = text_of(attribute);
        if (type == IFLA_LINKINFO)
            each_inside(attribute, [&](const nlattr& about) {
                if (mnl_attr_get_type(&about) == IFLA_INFO_KIND) kind = text_of(about);
                if (mnl_attr_get_type(&about) == IFLA_INFO_SLAVE_KIND) port_of = text_of(about);
            });
        if (type == IFLA_XDP)
            each_inside(attribute, [&](const nlattr& about) {
                if (mnl_attr_get_type(&about) == IFLA_XDP_ATTACHED)
                    has_program = mnl_attr_get_u8(&about) != XDP_ATTACHED_NONE;
            });
    });
    if (kind == "bridge") paths.bridges.push_back(name);
    if (kind == "openvswitch" || port_of == "openvswitch") paths.switches.push_back(name);
    if (has_program) paths.xdp.push_back(name);
}

Status read_links(mnl_socket& socket, Paths& paths) {
    const auto refused = [] { return fail(Errc::io, "listing of links: " + errno_text(errno)); };
    alignas(nlmsghdr) std::array<char, 256> asked{};
    auto* request = mnl_nlmsg_put_header(asked.data());
    request->nlmsg_type = RTM_GETLINK;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    mnl_nlmsg_put_extra_header(request, sizeof(ifinfomsg));
    if (mnl_socket_sendto(&socket, request, request->nlmsg_len) < 0) return refused();
    std::vector<std::uint64_t> words(kLinkBytes / sizeof(std::uint64_t));
    auto* bytes = reinterpret_cast<char*>(words.data());
    for (;;) {
        const auto got = mnl_socket_recvfrom(&socket, bytes, kLinkBytes);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return refused();
        int left = static_cast<int>(got);
        for (const auto* message = reinterpret_cast<const nlmsghdr*>(bytes);
             mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
            if (message->nlmsg_type == NLMSG_DONE) return {};
            if (message->nlmsg_type == NLMSG_ERROR) return fail(Errc::io, "links are not listed");
            if (message->nlmsg_type == RTM_NEWLINK) take_link(*message, paths);
        }
    }
}

std::string family_word(std::uint32_t family) {
    switch (family) {
    case NFPROTO_INET: return "inet";
    case NFPROTO_IPV4: return "ip";
    case NFPROTO_IPV6: return "ip6";
    default: return "family " + std::to_string(family);
    }
}

std::string word(const char* raw) { return raw == nullptr ? "" : raw; }

/// Of every family: a flow that one of them holds is handed on before any rule sees it.
Status read_flowtables(Socket& socket, Paths& paths) {
    return socket.dump(
        NFT_MSG_GETFLOWTABLE,
        [](nlmsghdr& request) {
            static_cast<nfgenmsg*>(mnl_nlmsg_get_payload(&request))->nfgen_family = NFPROTO_UNSPEC;
        },
        [&] { paths.flowtables.clear(); },
        [&](const nlmsghdr& answer) {
            if (auto found = parse_flowtable(answer)) paths.flowtables.push_back(std::move(*found));
        });
}

/// Of the namespace of the calling thread: the kernel goes by that. False without br_netfilter.
bool is_on(const char* name) {
    int value = 0;
    std::ifstream(std::string("/proc/sys/net/bridge/bridge-nf-") + name) >> value;
    return value != 0;
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

} // namespace

std::optional<Flowtable> parse_flowtable(const nlmsghdr& message) {
    const auto table = own<NftFlowtable>(nftnl_flowtable_alloc());
    if (nftnl_flowtable_nlmsg_parse(&message, table.get()) < 0) return std::nullopt;
    Flowtable found;
    found.family = family_word(nftnl_flowtable_get_u32(table.get(), NFTNL_FLOWTABLE_FAMILY));
    found.table = word(nftnl_flowtable_get_str(table.get(), NFTNL_FLOWTABLE_TABLE));
    found.name = word(nftnl_flowtable_get_str(table.get(), NFTNL_FLOWTABLE_NAME));
    const auto flags = nftnl_flowtable_get_u32(table.get(), NFTNL_FLOWTABLE_FLAGS);
    found.in_hardware = (flags & NFT_FLOWTABLE_HW_OFFLOAD) != 0;
    const auto* devices = nftnl_flowtable_get_array(table.get(), NFTNL_FLOWTABLE_DEVICES);
    for (; devices != nullptr && *devices != nullptr; ++devices)
        found.devices.emplace_back(*devices);
    return found;
}

struct PathReader::Handles {
    MnlSocket links;
};

PathReader::PathReader(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
PathReader::PathReader(PathReader&&) noexcept = default;
PathReader::~PathReader() = default;

Result<PathReader> PathReader::open() {
    auto handles = std::make_unique<Handles>();
    handles->links = MnlSocket(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC));
    if (!handles->links || mnl_socket_bind(handles->links.get(), 0, MNL_SOCKET_AUTOPID) != 0)
        return fail(Errc::io, "netlink to the links: " + errno_text(errno));
    return PathReader(std::move(handles));
}

Result<Paths> PathReader::read(Socket& socket) {
    Paths paths;
    if (auto ok = read_links(*handles_->links, paths); !ok) return tl::unexpected(ok.error());
    if (auto ok = read_flowtables(socket, paths); !ok) return tl::unexpected(ok.error());
    paths.bridge_calls = {is_on("call-iptables"), is_on("call-ip6tables"),
                          is_on("filter-vlan-tagged")};
    return paths;
}

BridgeDuty bridge_duty(const Paths& paths) {
    if (paths.bridges.empty()) return BridgeDuty::none;
    const auto& calls = paths.bridge_calls;
    if (!calls.ipv4 || !calls.ipv6) return BridgeDuty::all;
    return calls.tagged ? BridgeDuty::none : BridgeDuty::tagged;
}

std::vector<std::string> describe_bypasses(const Paths& paths, const std::string& bridge_fault) {
    std::vector<std::string> told;
    if (!bridge_fault.empty())
        told.push_back(
            "what bridge " + joined(paths.bridges) +
            (bridge_duty(paths) == BridgeDuty::tagged ? " switches with a VLAN tag" : " switches") +
            " is not judged: " + bridge_fault);
    for (const auto& table : paths.flowtables)
        told.push_back("flows in flowtable " + table.family + " " + table.table + " " + table.name +
                       (table.devices.empty() ? "" : " (" + joined(table.devices) + ")") +
                       " are not judged" +
                       (table.in_hardware ? ", not even seen by the kernel" : "") +
                       ": remove it, or keep listed addresses out of its rule");
    if (!paths.switches.empty())
        told.push_back("what Open vSwitch switches (" + joined(paths.switches) +
                       ") is not judged: it comes by no hook of the kernel's");
    return told;
}

std::vector<std::string> describe_doubts(const Paths& paths) {
    if (paths.xdp.empty()) return {};
    return {"an XDP program on " + joined(paths.xdp) +
            ", a DPDK gate's or another's, has packets before any rule: what it does with them "
            "cannot be seen from here"};
}

} // namespace sweepgate::nftables
