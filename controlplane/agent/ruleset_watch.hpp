// SPDX-License-Identifier: Apache-2.0
// Hears from the kernel, within microseconds, that somebody changed our nftables table: the
// multicast group NFNLGRP_NFTABLES of NETLINK_NETFILTER, joined only while we change nothing
// ourselves. A commit is told to the group element by element as long as anybody listens, so our
// own large ones would cost memory and time for nothing.
//
// A notification is a reason to compare and proof of nothing: an overrun counts as one, and what
// happens while the group is left is found by the comparison that follows listen().
#pragma once

#include <memory>
#include <string>

#include <libmnl/libmnl.h>

#include "controlplane/model/result.hpp"

namespace sweepgate::agent {

class RulesetWatch {
public:
    /// In the network namespace of the calling thread; needs CAP_NET_ADMIN. Errors: io.
    [[nodiscard]] static Result<RulesetWatch> open(std::string table);

    [[nodiscard]] int fd() const { return mnl_socket_get_fd(socket_.get()); }
    /// Joins the group. Compare after it, not before. Errors: io.
    [[nodiscard]] Status listen();
    /// Leaves it before a change of our own.
    void ignore();
    /// Reads what waits; true when some of it concerns the table.
    [[nodiscard]] bool table_changed();

private:
    struct Closer {
        void operator()(mnl_socket* raw) const { mnl_socket_close(raw); }
    };
    using Handle = std::unique_ptr<mnl_socket, Closer>;
    RulesetWatch(std::string table, Handle socket)
        : table_(std::move(table)), socket_(std::move(socket)) {}
    [[nodiscard]] bool concerns_table(const char* bytes, std::size_t size) const;

    std::string table_;
    Handle socket_;
};

} // namespace sweepgate::agent
