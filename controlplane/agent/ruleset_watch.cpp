// SPDX-License-Identifier: Apache-2.0
#include "controlplane/agent/ruleset_watch.hpp"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace sweepgate::agent {

namespace {

// Each kind of object names its table in its first attribute.
constexpr std::uint16_t kTableName = NFTA_TABLE_NAME;
static_assert(NFTA_CHAIN_TABLE == kTableName && NFTA_RULE_TABLE == kTableName &&
              NFTA_SET_TABLE == kTableName && NFTA_SET_ELEM_LIST_TABLE == kTableName &&
              NFTA_OBJ_TABLE == kTableName && NFTA_FLOWTABLE_TABLE == kTableName);
// Bounds one turn under a flood; the rest makes the descriptor readable again.
constexpr int kMostReads = 256;

bool names(const nlmsghdr& message, std::string_view table) {
    const auto type = message.nlmsg_type;
    if (NFNL_SUBSYS_ID(type) != NFNL_SUBSYS_NFTABLES || NFNL_MSG_TYPE(type) == NFT_MSG_NEWGEN ||
        mnl_nlmsg_get_payload_len(&message) < sizeof(nfgenmsg))
        return false;
    const auto* tail = static_cast<const char*>(mnl_nlmsg_get_payload_tail(&message));
    const auto* attribute =
        static_cast<const nlattr*>(mnl_nlmsg_get_payload_offset(&message, sizeof(nfgenmsg)));
    // mnl_attr_for_each() is C only.
    for (;
         mnl_attr_ok(attribute, static_cast<int>(tail - reinterpret_cast<const char*>(attribute)));
         attribute = mnl_attr_next(attribute)) {
        if (mnl_attr_get_type(attribute) != kTableName) continue;
        const std::string_view value(static_cast<const char*>(mnl_attr_get_payload(attribute)),
                                     mnl_attr_get_payload_len(attribute));
        return value.substr(0, value.find('\0')) == table;
    }
    return false;
}

} // namespace

Result<RulesetWatch> RulesetWatch::open(std::string table) {
    Handle socket(mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) != 0)
        return fail(Errc::io, "nftables notifications: " + errno_text(errno));
    return RulesetWatch(std::move(table), std::move(socket));
}

Status RulesetWatch::listen() {
    int group = NFNLGRP_NFTABLES;
    if (mnl_socket_setsockopt(socket_.get(), NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
        return fail(Errc::io, "nftables notifications: " + errno_text(errno));
    return {};
}

void RulesetWatch::ignore() {
    int group = NFNLGRP_NFTABLES;
    // Without it we only hear ourselves too, which the next comparison finds harmless.
    (void)mnl_socket_setsockopt(socket_.get(), NETLINK_DROP_MEMBERSHIP, &group, sizeof group);
}

bool RulesetWatch::table_changed() {
    bool changed = false;
    alignas(nlmsghdr) std::array<char, 32768> bytes{};
    for (int i = 0; i < kMostReads; ++i) {
        const auto got = mnl_socket_recvfrom(socket_.get(), bytes.data(), bytes.size());
        if (got > 0)
            changed = changed || concerns_table(bytes.data(), static_cast<std::size_t>(got));
        else if (got < 0 && errno == EINTR)
            continue;
        else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return changed;
        else
            changed = true; // overrun (ENOBUFS) or truncated: something was lost
    }
    return changed;
}

bool RulesetWatch::concerns_table(const char* bytes, std::size_t size) const {
    int left = static_cast<int>(size);
    for (const auto* message = reinterpret_cast<const nlmsghdr*>(bytes);
         mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
        if (names(*message, table_)) return true;
    return false;
}

} // namespace sweepgate::agent
