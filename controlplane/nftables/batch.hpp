// SPDX-License-Identifier: Apache-2.0
// One transaction of the kernel. A batch that is still being filled cannot be sent; finish()
// consumes it and gives the only type that Socket::commit() takes.
//
// Traps: one NEWSETELEM message holds at most 64 KiB of elements (its length is 16 bit and wraps
// silently), so elements go out in messages of at most 65,000 bytes. An acknowledgement of each
// message would overflow the receive buffer, so only the last message asks for one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "controlplane/nftables/names.hpp"
#include "controlplane/nftables/program.hpp"

struct nlmsghdr;
struct nftnl_set;

namespace sweepgate::nftables {

class FinishedBatch {
public:
    [[nodiscard]] const std::vector<char>& bytes() const { return bytes_; }
    [[nodiscard]] std::uint32_t last_sequence() const { return last_; }

    /// What message `sequence` wanted, and which element its byte `offset` (from the start of the
    /// message; 0 = unknown) belongs to: "add elements to sg_g7_any4: 192.0.2.1".
    [[nodiscard]] std::string describe(std::uint32_t sequence, std::uint32_t offset) const;

private:
    friend class Batch;
    std::vector<char> bytes_;
    std::uint32_t last_ = 0;
};

class Batch {
public:
    /// `kernel_generation` is the id read before the state was looked at: when anybody commits in
    /// between, the kernel refuses the batch (ERESTART). 0 = do not care.
    Batch(std::string table, std::uint32_t kernel_generation, std::uint32_t first_sequence,
          Layer layer = Layer::network);

    void add_table();
    void delete_table();
    void add_base_chain(Hook hook, int priority);
    void add_chain(const Chain& chain); // without its rules
    void delete_chain(const std::string& name);
    void add_counter(const std::string& name);
    void add_limit(const RateLimit& limit);
    void delete_limit(const std::string& name);
    void add_set(const AddressSet& set);
    void add_set(const VerdictMap& map);
    void delete_set(const std::string& name); // or map
    void add_elements(const AddressSet& set);
    void add_elements(const VerdictMap& map);
    void add_rule(const std::string& chain, const Rule& rule);
    void replace_rule(const std::string& chain, std::uint64_t handle, const Rule& rule);
    void delete_rules(const std::string& chain);

    /// Errors: refused when the batch is above kMaxBatchBytes.
    [[nodiscard]] Result<FinishedBatch> finish() &&;

private:
    nlmsghdr* begin(std::uint16_t type, std::uint16_t flags);
    void end(nlmsghdr* message);
    void put_frame(std::uint16_t type);
    void put_set(nftnl_set& set);
    template <typename Set>
    void put_elements(const Set& set);
    void put_rule(const std::string& chain, std::uint64_t handle, const Rule& rule,
                  std::uint16_t flags);

    std::string table_;
    Layer layer_;
    std::vector<char> buffer_;
    std::size_t used_ = 0;
    std::size_t last_message_ = 0; // offset of the last message, 0 = none yet
    std::uint64_t overflow_ = 0;   // bytes beyond the limit, counted but not kept
    std::uint32_t sequence_;
    std::uint32_t set_id_ = 0;
};

} // namespace sweepgate::nftables
