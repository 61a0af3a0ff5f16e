// SPDX-License-Identifier: Apache-2.0
// The netlink socket to nf_tables: commits batches and reads objects back.
//
// Traps: ENOBUFS on receive says nothing about the commit (it may well have happened), so it comes
// back as `unavailable` and the caller looks. A dump that another commit disturbs is flagged
// NLM_F_DUMP_INTR and is repeated here.
#pragma once

#include <functional>

#include "controlplane/nftables/batch.hpp"
#include "controlplane/nftables/handles.hpp"

namespace sweepgate::nftables {

class Socket {
public:
    /// In the network namespace of the calling thread.
    [[nodiscard]] static Result<Socket> open(Layer layer = Layer::network);

    /// The id of the last commit by anybody in this namespace.
    [[nodiscard]] Result<std::uint32_t> kernel_generation();

    /// Sequence number with which the next batch must begin.
    [[nodiscard]] std::uint32_t next_sequence() const { return sequence_; }

    /// Errors: conflict when the kernel is not at the batch's generation any more (ERESTART),
    /// unavailable when the outcome is unknown, io otherwise; then nothing has changed.
    [[nodiscard]] Status commit(const FinishedBatch& batch);

    using Fill = std::function<void(nlmsghdr& request)>;
    using Visit = std::function<void(const nlmsghdr& answer)>;

    /// All objects that NFT_MSG_GET... `type` gives for the filter that `fill` puts in. `restart`
    /// runs before each try: what an interrupted dump gave must be forgotten.
    [[nodiscard]] Status dump(std::uint16_t type, const Fill& fill,
                              const std::function<void()>& restart, const Visit& visit);
    /// One object; false when there is none (ENOENT).
    [[nodiscard]] Result<bool> get(std::uint16_t type, const Fill& fill, const Visit& visit);

private:
    Socket(MnlSocket handle, Layer layer);
    struct Reply {
        int error = 0;              // errno of the first refusal, 0 = success
        std::uint32_t sequence = 0; // of the message it is about
        std::uint32_t offset = 0;   // into that message, 0 = unknown
        bool interrupted = false;
    };
    [[nodiscard]] Status ask(std::uint16_t type, std::uint16_t flags, const Fill& fill);
    /// Reads until the final answer to one of the messages first..last.
    [[nodiscard]] Result<Reply> await(std::uint32_t first, std::uint32_t last, const Visit& visit);

    MnlSocket handle_;
    Layer layer_; // whose objects dump() and get() ask for
    std::uint32_t sequence_ = 1;
    std::vector<char> received_;
};

} // namespace sweepgate::nftables
