// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/socket.hpp"

#include <cerrno>

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

#include "controlplane/nftables/gate.hpp"

namespace sweepgate::nftables {

namespace {

constexpr std::size_t kReceiveBytes = std::size_t{256} << 10U;
constexpr int kReceiveBuffer = 4 << 20; // bytes of answers the kernel may queue for us
constexpr timeval kPatience{30, 0};     // a commit of 64 MiB takes about 2 s
constexpr int kDumpTries = 20;
constexpr std::size_t kRequestBytes = 4096;

/// The offset attribute of an extended acknowledgement (NETLINK_EXT_ACK), 0 when absent.
std::uint32_t offset_in(const nlmsghdr& message) {
    if ((message.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return 0;
    const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(&message));
    std::size_t start = sizeof(nlmsgerr);
    if ((message.nlmsg_flags & NLM_F_CAPPED) == 0 && error->error != 0)
        start += error->msg.nlmsg_len - sizeof(nlmsghdr);
    const auto* end = reinterpret_cast<const char*>(&message) + message.nlmsg_len;
    const auto* at = static_cast<const char*>(mnl_nlmsg_get_payload(&message)) + start;
    while (end - at >= static_cast<std::ptrdiff_t>(sizeof(nlattr))) {
        const auto* attribute = reinterpret_cast<const nlattr*>(at);
        if (!mnl_attr_ok(attribute, static_cast<int>(end - at))) return 0;
        if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_OFFS) return mnl_attr_get_u32(attribute);
        at += MNL_ALIGN(attribute->nla_len);
    }
    return 0;
}

Error io(std::string_view doing, int number) {
    const auto code = number == ENOBUFS || number == EAGAIN ? Errc::unavailable : Errc::io;
    return {code, std::string(doing) + ": " + errno_text(number)};
}

} // namespace

Socket::Socket(MnlSocket handle, Layer layer)
    : handle_(std::move(handle)), layer_(layer), received_(kReceiveBytes) {}

Result<Socket> Socket::open(Layer layer) {
    MnlSocket handle(mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC));
    if (!handle || mnl_socket_bind(handle.get(), 0, MNL_SOCKET_AUTOPID) < 0)
        return fail(Errc::unavailable, "netlink to nf_tables: " + errno_text(errno));
    const int fd = mnl_socket_get_fd(handle.get());
    const int on = 1;
    const int send_bytes = static_cast<int>(kMaxBatchBytes + kMaxBatchBytes / 10);
    // A whole batch is one datagram; only CAP_NET_ADMIN may exceed the system's limit.
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &send_bytes, sizeof send_bytes) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer) < 0)
        return fail(Errc::refused,
                    "netlink to nf_tables needs CAP_NET_ADMIN: " + errno_text(errno));
    if (setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on) < 0 ||
        setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience) < 0)
        return fail(Errc::io, "netlink to nf_tables: " + errno_text(errno));
    return Socket(std::move(handle), layer);
}

Result<Socket::Reply> Socket::await(std::uint32_t first, std::uint32_t last, const Visit& visit) {
    Reply reply;
    for (;;) {
        const auto size = mnl_socket_recvfrom(handle_.get(), received_.data(), received_.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return tl::unexpected(io("answer of nf_tables", errno));
        int left = static_cast<int>(size);
        for (const auto* message = reinterpret_cast<const nlmsghdr*>(received_.data());
             mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
            // Late answers to an earlier request are of no use to anybody.
            if (message->nlmsg_seq < first || message->nlmsg_seq > last) continue;
            if ((message->nlmsg_flags & NLM_F_DUMP_INTR) != 0) reply.interrupted = true;
            if (message->nlmsg_type == NLMSG_DONE) return reply;
            if (message->nlmsg_type != NLMSG_ERROR) {
                visit(*message);
                continue;
            }
            if (mnl_nlmsg_get_payload_len(message) < sizeof(nlmsgerr))
                return fail(Errc::io, "nf_tables sent a truncated answer");
            const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message));
            if (error->error == 0 && message->nlmsg_seq != last) continue;
            reply.error = -error->error;
            reply.sequence = message->nlmsg_seq;
            reply.offset = offset_in(*message);
            return reply;
        }
    }
}

Status Socket::commit(const FinishedBatch& batch) {
    if (batch.bytes().empty()) return {};
    const auto first = sequence_;
    sequence_ = batch.last_sequence() + 2; // one more for the end of the batch
    ssize_t sent = -1;
    do {
        sent = mnl_socket_sendto(handle_.get(), batch.bytes().data(), batch.bytes().size());
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) return tl::unexpected(io("batch to nf_tables", errno));
    const auto reply = await(first, batch.last_sequence(), [](const nlmsghdr&) {});
    if (!reply) return tl::unexpected(reply.error());
    if (reply->error == 0) return {};
    const auto what =
        batch.describe(reply->sequence, reply->offset) + ": " + errno_text(reply->error);
    return fail(reply->error == ERESTART ? Errc::conflict : Errc::io, what);
}

Status Socket::ask(std::uint16_t type, std::uint16_t flags, const Fill& fill) {
    std::array<char, kRequestBytes> buffer{};
    auto* request = mnl_nlmsg_put_header(buffer.data());
    request->nlmsg_type = static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8U) | type;
    request->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    request->nlmsg_seq = sequence_++;
    auto* header = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(request, sizeof(nfgenmsg)));
    header->nfgen_family = static_cast<std::uint8_t>(layer_);
    header->version = NFNETLINK_V0;
    fill(*request);
    if (mnl_socket_sendto(handle_.get(), request, request->nlmsg_len) < 0)
        return tl::unexpected(io("request to nf_tables", errno));
    return {};
}

Status Socket::dump(std::uint16_t type, const Fill& fill, const std::function<void()>& restart,
                    const Visit& visit) {
    for (int tries = 0; tries < kDumpTries; ++tries) {
        restart();
        const auto sequence = sequence_;
        if (auto ok = ask(type, NLM_F_DUMP, fill); !ok) return ok;
        const auto reply = await(sequence, sequence, visit);
        if (!reply) return tl::unexpected(reply.error());
        if (reply->error == ENOENT) return {}; // the table that the filter names is not there
        if (reply->error != 0 && reply->error != EINTR)
            return tl::unexpected(io("listing of nf_tables", reply->error));
        if (reply->error == 0 && !reply->interrupted) return {};
    }
    return fail(Errc::conflict, "nf_tables keeps changing while it is listed");
}

Result<bool> Socket::get(std::uint16_t type, const Fill& fill, const Visit& visit) {
    const auto sequence = sequence_;
    if (auto ok = ask(type, NLM_F_ACK, fill); !ok) return tl::unexpected(ok.error());
    const auto reply = await(sequence, sequence, visit);
    if (!reply) return tl::unexpected(reply.error());
    if (reply->error == ENOENT) return false;
    if (reply->error != 0) return tl::unexpected(io("request to nf_tables", reply->error));
    return true;
}

Result<std::uint32_t> Socket::kernel_generation() {
    std::uint32_t id = 0;
    const auto got = get(
        NFT_MSG_GETGEN, [](nlmsghdr&) {},
        [&](const nlmsghdr& answer) {
            const auto* attribute =
                static_cast<const nlattr*>(mnl_nlmsg_get_payload_offset(&answer, sizeof(nfgenmsg)));
            if (mnl_nlmsg_get_payload_len(&answer) >= sizeof(nfgenmsg) + 8 &&
                mnl_attr_get_type(attribute) == NFTA_GEN_ID)
                id = ntohl(mnl_attr_get_u32(attribute));
        });
    if (!got) return tl::unexpected(got.error());
    if (id == 0) return fail(Errc::unavailable, "nf_tables has no generation id");
    return id;
}

} // namespace sweepgate::nftables
